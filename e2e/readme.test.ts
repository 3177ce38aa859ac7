import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Example, examplesOf, matches } from './support/readme.ts';
import { type ServerCommand, startServerCommand } from './support/server-command.ts';
import { type Shell, startShell } from './support/shell.ts';

/**
 * Runs every `sh` block of README.md, in order, in one shell, and compares what it prints with the `text` block below it.
 *
 * What the test changes in a command, and nothing else:
 * - a server listens on a free port and keeps its data in a folder of the test; its address then stands for 127.0.0.1:8080
 * - `npm ci` is left out: whoever runs this test has done it, and others are using what it installed
 * - `npm test` is looked at, not run: this is it
 * - `SB-ADMIN-XXXXXXXX` is the invite that the server printed; the application at 127.0.0.1:3000 is one of the test
 * - commands that talk to the server look into its data folder; HOME is a folder of the test
 */
const ROOT = join(import.meta.dirname, '..');
const EXAMPLES = examplesOf(readFileSync(join(ROOT, 'README.md'), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'sg-'));
const home = join(folder, 'home');
const env = { ...process.env, HOME: home, npm_config_update_notifier: 'false', npm_config_loglevel: 'silent' };
const application = createServer((_request, response) => response.end('an application'));

let shell: Shell;
let server: ServerCommand | undefined;
let dataDir = '';
let starts = 0;

beforeAll(async () => {
  shell = startShell({ cwd: ROOT, env });
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  shell.stop();
  await server?.stop();
  application.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('README', () => {
  test('has the steps that it promises', () => {
    expect(EXAMPLES.length).toBeGreaterThan(12);
  });

  test.each(EXAMPLES.map((example) => [`line ${example.line}: ${title(example)}`, example] as const))(
    '%s',
    async (_title, example) => {
      const printed = await run(example);
      const shown = (example.output ?? '').replaceAll('http://127.0.0.1:8080', server?.url ?? '');
      expect(matches(shown, printed) ? shown : printed).toBe(shown);
    },
  );
});

test('a part that changes is shown as …, everything else must be the same', () => {
  expect(matches('{"id":"…"}', '{"id":"1"}\n')).toBe(true);
  expect(matches('a\n…\nz', 'a\nb\nc\nz')).toBe(true);
  expect(matches('a\n…\nz', 'a\nz')).toBe(true);
  expect(matches('401\n429', '401\n401\n429')).toBe(false);
  expect(matches('{"id":"…"}', '{"id":"1"}\nmore')).toBe(false);
  expect(matches('a.c', 'abc')).toBe(false);
});

test('a block that no test would run is refused', () => {
  expect(() => examplesOf('```bash\nrm x\n```')).toThrow('Line 1');
  expect(() => examplesOf('```sh\nls\n```\nwords\n```text\nx\n```')).toThrow('Line 5');
});

function title({ commands }: Example): string {
  const [first = ''] = commands.split('\n');
  return first.length > 70 ? `${first.slice(0, 70)}…` : first;
}

async function run({ commands }: Example): Promise<string> {
  if (commands === 'npm ci && npm test') return assertTestScript();
  if (commands === 'npm ci && npm start') return start('npm start --');
  if (/^steadygate start( |$)/.test(commands)) return start(commands);
  return shell.run(adapted(commands));
}

function assertTestScript(): string {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(scripts.test).toBe('vitest run');
  return '';
}

/** One server at a time: the one before gives its place to the next. */
async function start(command: string): Promise<string> {
  await server?.stop();
  starts += 1;
  dataDir = join(folder, String(starts), '.steadygate', 'demo');
  const cwd = (await shell.run('pwd')).trim();
  const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  const own = command.replace(/ --data \S+/, '');
  const line = `${adapted(own)} --listen 127.0.0.1:0 --data '${dataDir}'`;
  server = await startServerCommand(line, { cwd, env: { ...env, PATH: path } });
  return server.banner;
}

function adapted(commands: string): string {
  // A configuration keeps the port that it names: `start` is told another.
  const gate = server?.url ?? '';
  const { port } = application.address() as AddressInfo;
  const invite = /SB-ADMIN-[A-Z0-9]+/.exec(server?.banner ?? '')?.[0] ?? 'SB-ADMIN-NONE';
  return commands
    .replaceAll('http://127.0.0.1:8080', gate)
    .replaceAll('http://127.0.0.1:3000', `http://127.0.0.1:${port}`)
    .replaceAll('SB-ADMIN-XXXXXXXX', invite)
    .replaceAll(/\bsteadygate (invite create|explain|posture)\b/g, `steadygate $1 --data '${dataDir}'`);
}
