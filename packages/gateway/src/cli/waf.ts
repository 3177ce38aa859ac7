import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { compileGate, type RuleTest, testRules, WAF_DETECTORS, WAF_RULES } from '@steadygate/core';
import { formatConfigProblem, printable } from '../config/config-problem.ts';
import { locateProblems } from '../config/policy-problems.ts';
import { toGatewayConfig } from '../config/to-gateway-config.ts';
import { toPolicy } from '../config/to-policy.ts';
import { UNASKED_PORTS } from '../config/unasked-ports.ts';
import { ownRoutes } from '../http/own-routes.ts';
import { type ContentJudge, contentJudge } from '../inspection/content-judge.ts';
import { readCase, requestFromLine, type TestCase } from '../inspection/test-cases.ts';
import { OperatorRefusal } from '../operator/refusal.ts';
import { canonicalOptions } from '../proxy/canonical-options.ts';
import { linesOf } from '../replay/lines.ts';
import { offlineConfig } from '../start/offline-config.ts';
import { type Call, type CliCommand, CONFIG_OPTION, JSON_OPTION } from './command.ts';
import { configSource } from './locations.ts';
import { UsageError } from './usage-error.ts';
import { isUnmet, printWafTest, type TestedCase } from './waf-text.ts';

/** `steadygate waf test` */
const WAF_TEST_COMMAND: CliCommand = {
  name: 'waf test',
  summary: 'Test the rules of inspection, and requests against a configuration',
  options: {
    request: { kind: 'text', value: "'GET /a?b=c'", help: 'Inspect this request: method, path and query' },
    body: { kind: 'text', value: 'TEXT', help: 'Its body' },
    type: { kind: 'text', value: 'TYPE', help: 'The content type of its body, such as application/json' },
    file: {
      kind: 'text',
      value: 'FILE',
      help: 'Inspect the requests of a file, one JSON object a line; - for standard input',
    },
    config: {
      ...CONFIG_OPTION,
      help: 'Whose routes, thresholds, fields and exceptions hold. Default: ./steadygate.yaml',
    },
    json: JSON_OPTION,
  },
  notes: [
    'A line of FILE: {"request":"GET /a?b=c","expect":"passed"}; with "body" and "type" beside them, or with a request of its',
    'own: {"request":{"method":"POST","path":"/a","headers":{"content-type":"application/json"},"body":"…"}}.',
    'What a route in shadow, or without inspection, would let pass counts as refused. Nothing is sent.',
    'Exit code 1 when a rule fails an example, when a request is not what its `expect` says, or has none and is refused.',
  ],
  examples: [
    'waf test',
    "waf test --request 'GET /search?q=select a union rep'",
    `waf test --request 'POST /api/notes' --type application/json --body '{"text":"<b>hi</b>"}'`,
    'waf test --file cases.jsonl --config new.yaml --json',
  ],
  run: async (call) => {
    const rules = testRules(WAF_RULES, WAF_DETECTORS);
    const cases = await tested(call);
    printWafTest({ rules, cases }, call.out);
    return rules.some(isBroken) || cases.some(isUnmet) ? 1 : 0;
  },
};

export const WAF_COMMANDS: readonly CliCommand[] = [WAF_TEST_COMMAND];

function isBroken({ failures }: RuleTest): boolean {
  return failures.length > 0;
}

async function tested(call: Call): Promise<readonly TestedCase[]> {
  const { args } = call;
  const request = args.text('request');
  const file = args.text('file');
  if (request === undefined && (args.text('body') ?? args.text('type')) !== undefined) {
    throw new UsageError('--body and --type belong to a --request.', 'waf test');
  }
  if (request === undefined && file === undefined) return [];
  const judge = openJudge(call);
  const found: TestedCase[] = [];
  if (request !== undefined) found.push(await judgedBy(judge, { request: typed(request, call), expected: undefined }));
  if (file !== undefined) for await (const each of casesOf(file, call)) found.push(await judgedBy(judge, each));
  return found;
}

async function judgedBy(judge: ContentJudge, { request, expected }: TestCase): Promise<TestedCase> {
  const { place, method, target } = request;
  return { place, method, target, expected, ...(await judge(request)) };
}

function typed(text: string, { args }: Call): TestCase['request'] {
  const request = requestFromLine(text, { body: args.text('body'), type: args.text('type') });
  if (request !== undefined) return request;
  throw new UsageError("--request takes a method and a path, such as 'GET /search?q=x'.", 'waf test');
}

async function* casesOf(name: string, { io }: Call): AsyncGenerator<TestCase> {
  let place = 0;
  for await (const line of linesOf(await open(name, io.cwd))) {
    place += 1;
    if (line === undefined) throw unreadable(name, place, 'is longer than 8 MiB');
    if (line.trim() === '') continue;
    const read = readCase(line, place);
    if (!read.ok) throw unreadable(name, place, read.reason);
    yield read.case;
  }
  if (place === 0) throw new UsageError(`${printable(name)} holds no cases.`, 'waf test');
}

function unreadable(name: string, place: number, reason: string): UsageError {
  return new UsageError(`${printable(name)}:${place} ${reason}. See: steadygate waf test --help`, 'waf test');
}

async function open(name: string, cwd: string): Promise<AsyncIterable<Buffer>> {
  // Streams without encoding give buffers.
  if (name === '-') return createReadStream('', { fd: 0, autoClose: false }) as AsyncIterable<Buffer>;
  const path = resolve(cwd, name);
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true) throw new UsageError(`There is no file ${printable(name)}.`, 'waf test');
  return createReadStream(path) as AsyncIterable<Buffer>;
}

/** @throws OperatorRefusal `config-invalid` */
function openJudge({ args, io }: Call): ContentJudge {
  const loaded = offlineConfig(configSource(args, io), io.env);
  const gate = compileGate(toPolicy(loaded.config, loaded.apis), ownRoutes('whole'), UNASKED_PORTS);
  if (!gate.ok) {
    throw new OperatorRefusal(
      'config-invalid',
      locateProblems(gate.problems, loaded).map(formatConfigProblem).join('\n'),
    );
  }
  const { headersBytesMax } = toGatewayConfig(loaded);
  // Cases name no host that the configuration would have to know.
  const canonical = canonicalOptions({ headersBytesMax, trustedProxies: [], allowedHosts: [] });
  return contentJudge(gate.table, canonical, io.nowMs());
}
