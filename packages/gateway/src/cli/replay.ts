import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { printable } from '../config/config-problem.ts';
import type { RecordedRequest } from '../replay/recorded-request.ts';
import { readRecording, RECORDING_FORMATS, type RecordingFormat, RecordingError } from '../replay/read-recording.ts';
import type { Judged, ReplayJudge } from '../replay/replay-judge.ts';
import { type Baseline, ReplayReport } from '../replay/replay-report.ts';
import { type Call, type CliCommand, CONFIG_OPTION, DATA_OPTION, JSON_OPTION } from './command.ts';
import { configSource, namedSource, operatorLocations } from './locations.ts';
import { printReplay } from './replay-text.ts';
import { UsageError } from './usage-error.ts';

const PROGRESS_EVERY_MS = 500;

/** `steadygate replay FILE` */
export const REPLAY_COMMAND: CliCommand = {
  name: 'replay',
  summary: 'Say what a changed configuration would refuse of recorded requests',
  arguments: [
    {
      name: 'FILE',
      help: "a recording or its folder, a combined access log, an HTTP archive (HAR), or - for standard input. Default: the data directory's recording",
      isOptional: true,
    },
  ],
  options: {
    data: DATA_OPTION,
    config: { ...CONFIG_OPTION, help: 'The configuration to try. Default: ./steadygate.yaml' },
    base: { kind: 'text', value: 'FILE', help: 'Compare with this configuration instead of what was recorded' },
    format: { kind: 'text', value: 'FORMAT', help: 'combined, jsonl or har. Default: what the file looks like' },
    json: JSON_OPTION,
  },
  notes: [
    'Nothing is sent to an upstream. What a log does not hold (callers, bodies) is not judged, and said.',
    'Exit code 1 when a request would be refused or let in that was not before.',
  ],
  examples: [
    'replay /var/log/nginx/access.log --config new.yaml',
    'replay requests.jsonl --config new.yaml --base steadygate.yaml',
    'replay --config new.yaml --json',
  ],
  run: async (call) => {
    const judges = openJudges(call);
    const source = await open(call);
    const report = new ReplayReport();
    const progress = progressOf(call, source.bytes);
    try {
      await replay(source.stream, { judges, report, format: formatOf(call), onRequest: progress.tick });
    } catch (cause) {
      throw cause instanceof RecordingError ? new UsageError(cause.message, 'replay') : cause;
    } finally {
      progress.end();
    }
    const summary = report.summary();
    if (summary.requests === 0 && summary.unreadable > 0) throw unusable(summary.unreadableExamples[0]);
    printReplay(summary, call.out);
    return summary.refused + summary.admitted > 0 ? 1 : 0;
  },
};

interface Judges {
  readonly candidate: ReplayJudge;
  readonly base: ReplayJudge | undefined;
}

function openJudges({ args, io, deps }: Call): Judges {
  const base = args.text('base');
  return {
    candidate: deps.openReplay(configSource(args, io)),
    base: base === undefined ? undefined : deps.openReplay(namedSource(base, 'base', io)),
  };
}

function formatOf({ args }: Call): RecordingFormat | undefined {
  const named = args.text('format');
  const found = RECORDING_FORMATS.find((format) => format === named);
  if (named !== undefined && found === undefined) {
    throw new UsageError(`--format is one of ${RECORDING_FORMATS.join(', ')}.`, 'replay');
  }
  return found;
}

interface Source {
  readonly stream: Readable;
  /** Unknown of a pipe. */
  readonly bytes: number | undefined;
}

async function open({ args, io, deps }: Call): Promise<Source> {
  const name = args.optionalArgument('FILE');
  if (name === undefined) return folder(join(operatorLocations(args, io, deps).dataDir, 'recordings'));
  if (name === '-') return { stream: createReadStream('', { fd: 0, autoClose: false }), bytes: undefined };
  const path = resolve(io.cwd, name);
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) throw new UsageError(`There is no file ${printable(name)}.`, 'replay');
  if (facts.isDirectory()) return folder(path);
  return { stream: createReadStream(path), bytes: facts.isFile() ? facts.size : undefined };
}

/** The segments of the gate's own recording, in their order. */
async function folder(path: string): Promise<Source> {
  const found = await readdir(path).catch(() => []);
  const names = found.filter((name) => name.endsWith('.jsonl')).toSorted();
  if (names.length === 0)
    throw new UsageError(
      `There is no recording in ${printable(path)}. Name a file, or record with audit.recording.enabled.`,
      'replay',
    );
  async function* chunks() {
    // Streams without encoding give buffers.
    for (const name of names) yield* createReadStream(join(path, name)) as AsyncIterable<Buffer>;
  }
  return { stream: Readable.from(chunks(), { objectMode: false }), bytes: undefined };
}

interface Work {
  readonly judges: Judges;
  readonly report: ReplayReport;
  readonly format: RecordingFormat | undefined;
  readonly onRequest: (stream: Readable) => void;
}

/** In the recorded order, one after the other: limits count. */
async function replay(stream: Readable, { judges, report, format, onRequest }: Work): Promise<void> {
  for await (const recorded of readRecording(stream, format)) {
    onRequest(stream);
    if (!recorded.ok) {
      report.unreadable(recorded.unreadable);
      continue;
    }
    const { request } = recorded;
    report.add(request, await judges.candidate(request), await baselineOf(request, judges.base));
  }
}

/** What another program's log shows was let through. */
async function baselineOf(request: RecordedRequest, base: ReplayJudge | undefined): Promise<Baseline> {
  if (base === undefined) return request.verdict ?? { outcome: 'allow', guard: undefined, rule: undefined };
  const { outcome, refusal }: Judged = await base(request);
  return { outcome, guard: refusal?.guard, rule: refusal?.rule };
}

/** A line that is written over itself, on a terminal only. */
function progressOf({ io }: Call, bytes: number | undefined) {
  let requests = 0;
  let toldMs = io.nowMs();
  let isShown = false;
  return {
    tick(stream: Readable): void {
      requests += 1;
      const nowMs = io.nowMs();
      if (!io.isTty || nowMs - toldMs < PROGRESS_EVERY_MS) return;
      toldMs = nowMs;
      isShown = true;
      // A file's stream counts what it has read.
      const read = 'bytesRead' in stream ? Number(stream.bytesRead) : 0;
      const share = bytes === undefined || bytes === 0 ? '' : `, ${Math.floor((read / bytes) * 100)} %`;
      io.stderr.write(`\r${requests.toLocaleString('en')} requests${share} `);
    },
    end(): void {
      if (isShown) io.stderr.write('\r\u001b[K');
    },
  };
}

function unusable(first: { readonly place: number; readonly reason: string } | undefined): UsageError {
  const example = first === undefined ? '' : ` Line ${first.place} ${first.reason}.`;
  return new UsageError(`The file holds no request.${example} Name its format with --format.`, 'replay');
}
