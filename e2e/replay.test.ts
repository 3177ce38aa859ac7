import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type EchoUpstream, startEchoUpstream } from './support/echo-upstream.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { type Caller, signIn } from './support/people.ts';

const ATTACK = encodeURIComponent("1' UNION SELECT name, password FROM users--");

let app: EchoUpstream;
let gate: RunningGate;
let caller: Caller;
let folder: string;

/** What is in force, or is to be tried. */
function configuration(changes: { readonly waf?: string; readonly grants?: string[]; readonly limits?: unknown } = {}) {
  const { waf = 'shadow', grants = ['app:read', 'app:write'], limits = 'off' } = changes;
  return {
    environment: 'development',
    upstreams: { app: { url: app.url } },
    roles: { member: { permissions: grants } },
    routes: [
      { path: '/open/**', access: 'public', upstream: 'app', limits, guards: { waf: { mode: waf } } },
      {
        path: '/**',
        access: 'session',
        upstream: 'app',
        permission: { read: 'app:read', write: 'app:write' },
        limits: 'off',
        guards: { waf: { mode: waf } },
      },
    ],
    audit: { recording: { enabled: true } },
  };
}

function written(name: string, config: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  return file;
}

async function replay(...args: readonly string[]): Promise<{ code: number; summary: Record<string, unknown> }> {
  const { code, stdout, stderr } = await gate.cli('replay', ...args, '--json');
  expect(stderr).toBe('');
  return { code, summary: JSON.parse(stdout) };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sg-replay-'));
  app = await startEchoUpstream();
  gate = await startGate({ config: configuration() });
  const { invite } = await gate.operator('invite', 'create', '--role', 'member');
  caller = await signIn(gate, String(invite));
  const authorization = `Bearer ${caller.token}`;
  await fetch(`${gate.url}/open/a?id=${ATTACK}`);
  for (let at = 0; at < 5; at += 1) await fetch(`${gate.url}/open/b`);
  await fetch(`${gate.url}/mine`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', cookie: 'theme=abcdef0123456789' },
    body: JSON.stringify({ password: 'hunter22', mail: 'bob@example.com', text: 'hello' }),
  });
  await fetch(`${gate.url}/mine`, { headers: { authorization: 'Bearer forged' } });
  await vi.waitUntil(() => lines().length === 8, { timeout: 10_000, interval: 50 });
}, 60_000);

afterAll(async () => {
  await gate.stop();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

function recordings(): string {
  return join(gate.dataDir, 'recordings');
}

function lines(): readonly string[] {
  const names = readdirSync(gate.dataDir).includes('recordings') ? readdirSync(recordings()) : [];
  return names
    .flatMap((name) => readFileSync(join(recordings(), name), 'utf8').split('\n'))
    .filter((line) => line !== '');
}

describe('T25: recording', () => {
  test('holds no credential, no password, no address of a person, and is for the owner only', () => {
    const all = lines().join('\n');
    for (const secret of [
      caller.token,
      caller.refreshToken,
      'hunter22',
      'bob@example.com',
      'forged',
      'abcdef0123456789',
    ]) {
      expect(all).not.toContain(secret);
    }
    expect(all).toContain('hello');
    expect(statSync(recordings()).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(recordings())) expect(statSync(join(recordings(), name)).mode & 0o777).toBe(0o600);
  });

  test('is off unless it was switched on', async () => {
    const { audit: _, ...silent } = configuration();
    const other = await startGate({ config: silent });
    await fetch(`${other.url}/open/a`);
    other.signal('SIGTERM');
    await expect.poll(() => fetch(`${other.url}/open/a`).catch(() => 'gone')).toBe('gone');
    expect(readdirSync(other.dataDir)).not.toContain('recordings');
    await other.stop();
  });
});

describe('replay', () => {
  test('an unchanged configuration changes nothing, and the upstream hears of none of it', async () => {
    const before = app.seen.length;
    const { code, summary } = await replay('--config', written('same.yaml', configuration()));
    expect({ code, ...summary }).toMatchObject({ code: 0, requests: 8, refused: 0, admitted: 0, notJudged: 1 });
    expect(app.seen.length).toBe(before);
  });

  test('a guard that is promoted from shadow: what it would refuse, by rule', async () => {
    const { code, summary } = await replay('--config', written('enforced.yaml', configuration({ waf: 'enforce' })));
    expect({ code, ...summary }).toMatchObject({
      code: 1,
      refused: 1,
      changes: [
        { kind: 'refused', guard: 'waf', count: 1, examples: [{ method: 'GET', path: '/open/a', field: 'query:id' }] },
      ],
    });
  });

  test('a role that loses a permission', async () => {
    const { summary } = await replay('--config', written('role.yaml', configuration({ grants: ['app:read'] })));
    expect(summary).toMatchObject({
      refused: 1,
      changes: expect.arrayContaining([expect.objectContaining({ kind: 'refused', guard: 'permission' })]),
    });
  });

  test('a limit, counted at the recorded times', async () => {
    const limits = [{ per: 'address', rate: '4/15m' }];
    const { summary } = await replay('--config', written('limit.yaml', configuration({ limits })));
    expect(summary).toMatchObject({ refused: 2, changes: [{ guard: 'limit.address', count: 2 }, { kind: 'shadow' }] });
  });

  test('two configurations side by side, on a log of another program, as text', async () => {
    const time = '[21/Nov/2026:10:00:00 +0000]';
    const log = written(
      'access.log',
      `192.0.2.7 - - ${time} "GET /open/a?id=${ATTACK} HTTP/1.1" 200 5 "-" "-"\n192.0.2.7 - - ${time} "POST /mine HTTP/1.1" 200 5 "-" "-"\nnoise\n`,
    );
    const enforced = written('enforced.yaml', configuration({ waf: 'enforce' }));
    const { code, stdout } = await gate.cli(
      'replay',
      log,
      '--config',
      written('same.yaml', configuration()),
      '--base',
      enforced,
    );
    expect(code).toBe(1);
    expect(stdout).toContain('2 requests: 0 would be refused, 1 would be let in.');
    expect(stdout).toContain('without a known caller');
    expect(stdout).toContain('#3');
  });

  test.each([
    [['nowhere.log'], 'There is no file nowhere.log.'],
    [['--format', 'xml'], '--format is one of combined, jsonl, har.'],
    [['--base', 'nowhere.yaml'], 'The file that --base names does not exist.'],
  ])('%j: %s', async (args, message) => {
    const { code, stderr } = await gate.cli('replay', '--config', written('same.yaml', configuration()), ...args);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  test('a file without requests, and a configuration that does not load', async () => {
    const noise = written('noise.log', 'noise\n');
    const none = await gate.cli('replay', noise, '--config', written('same.yaml', configuration()));
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('The file holds no request. Line 1') });
    const broken = await gate.cli('replay', noise, '--config', written('broken.yaml', 'routes: 5'));
    expect(broken).toMatchObject({ code: 2, stderr: expect.stringContaining('broken.yaml:1') });
  });
});
