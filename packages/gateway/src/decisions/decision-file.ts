import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { redactLine } from '../log/redact.ts';
import type { ExplanationView } from './explanation.ts';
import { requestIdTimeMs } from './request-id.ts';

const HOUR_MS = 3_600_000;
const PENDING_MAX = 10_000;
/** The part of the cap by which the ring may outgrow it before it is cut. */
const CAP_SLACK = 1 / 16;

export interface DecisionFileOptions {
  readonly directory: string;
  /** Older segments are removed. Default 24 h. */
  readonly keepMs?: number;
  /** The oldest segments are removed beyond this. Default 1 GiB. */
  readonly bytesMax?: number;
}

/**
 * A capped ring of decisions: one JSON-lines segment an hour (T12).
 *
 * Writing is batched and never delays a request. When the disk cannot keep up, decisions are dropped and counted.
 */
export class DecisionFile {
  readonly #options: Required<DecisionFileOptions>;
  #pending: ExplanationView[] = [];
  #flushing: Promise<void> = Promise.resolve();
  /** The segment that ended in a whole line when this process last wrote to it. */
  #wholeHour: number | undefined;
  #unprunedBytes = 0;
  dropped = 0;

  constructor(options: DecisionFileOptions) {
    this.#options = { keepMs: 24 * HOUR_MS, bytesMax: 1024 ** 3, ...options };
  }

  append(view: ExplanationView): void {
    if (this.#pending.length >= PENDING_MAX) {
      this.dropped += 1;
      return;
    }
    this.#pending.push(view);
  }

  /** Writes what is pending; resolves when it is on its way to the disk. Rejects when the directory cannot be written. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#write());
    return this.#flushing;
  }

  /** The decision of a request id; undefined when it is none of ours, was not recorded, or is too old. */
  async find(requestId: string): Promise<ExplanationView | undefined> {
    const pending = this.#pending.find((view) => view.requestId === requestId);
    const timeMs = requestIdTimeMs(requestId);
    if (pending !== undefined || timeMs === undefined) return pending;
    await this.#flushing.catch(() => undefined);
    // A long request is decided in its hour and written by the time it ends: streams may last into the next hours.
    for (let hour = hourOf(timeMs); await this.#exists(hour); hour += 1) {
      const found = await this.#search(hour, requestId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Removes what is older than the cap of age, then the oldest beyond the cap of size. */
  async prune(nowMs: number): Promise<void> {
    this.#unprunedBytes = 0;
    const segments = await this.#segments();
    let bytes = 0;
    for (const hour of segments.toReversed()) {
      bytes += (await stat(this.#path(hour))).size;
      const tooOld = (hour + 1) * HOUR_MS < nowMs - this.#options.keepMs;
      if (tooOld || bytes > this.#options.bytesMax) await rm(this.#path(hour), { force: true });
    }
  }

  async #write(): Promise<void> {
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
    const byHour = Map.groupBy(batch, (view) => hourOf(view.at));
    for (const [hour, views] of byHour) {
      await this.#append(hour, views.map((view) => `${redactLine(JSON.stringify(view))}\n`).join(''));
    }
    // A flood fills the ring faster than the hour turns: the cap holds between two rounds of housekeeping too.
    if (this.#unprunedBytes > this.#options.bytesMax * CAP_SLACK)
      await this.prune(Math.max(...batch.map(({ at }) => at)));
  }

  /** What a crash or a full disk tore apart must not swallow the line after it. */
  async #append(hour: number, lines: string): Promise<void> {
    const text = this.#wholeHour === hour ? lines : `\n${lines}`;
    this.#wholeHour = undefined;
    await appendFile(this.#path(hour), text, { mode: 0o600 });
    this.#wholeHour = hour;
    this.#unprunedBytes += Buffer.byteLength(text);
  }

  async #search(hour: number, requestId: string): Promise<ExplanationView | undefined> {
    const lines = createInterface({ input: createReadStream(this.#path(hour)), crlfDelay: Infinity });
    for await (const line of lines) {
      const view = line.includes(requestId) ? parseLine(line) : undefined;
      // An id may stand in another decision's path: who sent it there must not choose what is explained.
      if (view?.requestId === requestId) return view;
    }
    return undefined;
  }

  async #exists(hour: number): Promise<boolean> {
    return (await this.#segments()).includes(hour);
  }

  async #segments(): Promise<readonly number[]> {
    const names = await readdir(this.#options.directory).catch(() => []);
    return names
      .filter((name) => /^\d+\.jsonl$/.test(name))
      .map((name) => Number.parseInt(name, 10))
      .toSorted((a, b) => a - b);
  }

  #path(hour: number): string {
    return join(this.#options.directory, `${hour}.jsonl`);
  }
}

/** Undefined for a line that a crash tore. */
function parseLine(line: string): ExplanationView | undefined {
  try {
    // Written by `#write()` alone.
    return JSON.parse(line) as ExplanationView;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS);
}
