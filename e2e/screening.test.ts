import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ExampleApp, startExampleApp } from './support/example-app.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { examplesOf, matches } from './support/readme.ts';
import { type Shell, startShell } from './support/shell.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'examples/screening');
const HARMLESS = 'Thank you for the minutes of our meeting.';

let app: ExampleApp;
let gate: RunningGate;
let key: string;

beforeAll(async () => {
  app = await startExampleApp('screening');
  const config = readFileSync(join(FOLDER, 'steadygate.yaml'), 'utf8');
  gate = await startGate({ config, env: { SCREENING_URL: app.url } });
  for (const tenant of ['first', 'second', 'newsroom']) await gate.operator('tenant', 'create', tenant);
});
afterAll(async () => {
  await gate.stop();
  await app.stop();
});
beforeEach(async () => {
  // A key of its own for each test: limits and violations are counted by it.
  key = await newKey('first');
});

async function newKey(tenant: string, permissions = 'screen:read', ...options: readonly string[]): Promise<string> {
  const named = ['--tenant', tenant, '--name', 'service', '--permissions', permissions];
  const made = await gate.operator('key', 'create', ...named, ...options);
  return String(made['key']);
}

function call(path: string, init: RequestInit = {}, by = key): Promise<Response> {
  return fetch(`${gate.url}${path}`, {
    ...init,
    headers: new Headers([...new Headers(init.headers), ['x-api-key', by]]),
  });
}

function screen(text: string | Uint8Array, by = key): Promise<Response> {
  const body = typeof text === 'string' ? JSON.stringify({ text }) : text;
  // A typed array is a body.
  return call(
    '/v1/screen',
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: body as string },
    by,
  );
}

async function outcome(answer: Promise<Response>): Promise<Readonly<Record<string, unknown>>> {
  const response = await answer;
  // What the application or a problem says.
  return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
}

async function figures(by: string): Promise<unknown> {
  return (await outcome(call('/v1/stats', {}, by)))['screened'];
}

describe('WK1: keys, each in its tenant', () => {
  test('no endpoint answers without a good one, and the key reaches no application', async () => {
    for (const path of ['/v1/screen', '/v1/stats', '/v1/screenings', '/v1/exports/screenings.csv']) {
      const method = path === '/v1/screen' ? 'POST' : 'GET';
      expect((await fetch(`${gate.url}${path}`, { method })).status).toBe(401);
      expect((await fetch(`${gate.url}${path}`, { method, headers: { 'x-api-key': 'sg_live_guess' } })).status).toBe(
        401,
      );
    }
    expect((await fetch(`${gate.url}/healthz`)).status).toBe(404);
  });

  test('a tenant sees its own figures, whatever a caller says of its tenant', async () => {
    const other = await newKey('second');
    await screen(HARMLESS, other);
    const before = await figures(key);
    await screen(HARMLESS, other);
    expect(await figures(key)).toBe(before);
    const claimed = await call('/v1/stats', {
      headers: { 'X-Steadygate-Tenant': 'second', x_steadygate_tenant: 'second' },
    });
    expect(await claimed.json()).toMatchObject({ screened: before });
  });

  test('rotates with an overlap, or without one', async () => {
    const id = key.split('_')[2] ?? '';
    const successor = String((await gate.operator('key', 'rotate', id, '--tenant', 'first'))['key']);
    expect((await screen(HARMLESS)).status).toBe(200);
    expect((await screen(HARMLESS, successor)).status).toBe(200);
    const next = await gate.operator(
      'key',
      'rotate',
      successor.split('_')[2] ?? '',
      '--overlap',
      '0s',
      '--tenant',
      'first',
    );
    expect((await screen(HARMLESS, successor)).status).toBe(401);
    expect((await screen(HARMLESS, String(next['key']))).status).toBe(200);
  });
});

describe('WK2: limits', () => {
  const statuses = async (by: string, count: number) =>
    (await Promise.all(Array.from({ length: count }, () => call('/v1/stats', {}, by)))).map(({ status }) => status);

  test('ten requests a second for a key, and for a tenant what was agreed', async () => {
    const answers = await statuses(key, 30);
    expect(answers.filter((status) => status === 200).length).toBeLessThan(25);
    expect(answers).toContain(429);
    expect(await statuses(await newKey('newsroom'), 30)).not.toContain(429);
  });

  test('exports have a stricter one', async () => {
    const exporter = await newKey('first', 'exports:read');
    const answers: number[] = [];
    for (let at = 0; at < 7; at += 1) answers.push((await call('/v1/exports/screenings.csv', {}, exporter)).status);
    expect(answers).toEqual([200, 200, 200, 200, 200, 200, 429]);
  });
});

describe('WK3, WK4: what a text may be', () => {
  const addresses = Array.from({ length: 6 }, (_, at) => `https://site${at}.example/a`).join(' ');

  test('five addresses, unless the tenant may send more', async () => {
    expect(await outcome(screen(addresses))).toMatchObject({
      status: 422,
      code: 'text-refused',
      limit: { name: 'urlsMax', max: 5 },
    });
    expect(await outcome(screen(addresses, await newKey('newsroom')))).toMatchObject({ status: 200 });
  });

  test('three telephone numbers', async () => {
    const numbers = ['+49 30 901820', '+44 20 7946 0958', '+1 202 555 0143', '+33 1 42 68 53 00'].join(', ');
    expect(await outcome(screen(numbers))).toMatchObject({ status: 422, limit: { name: 'phonesMax', max: 3 } });
  });

  test('8192 characters, each counted once whatever it takes to write it', async () => {
    expect((await screen('😀'.repeat(8192))).status).toBe(200);
    expect(await outcome(screen('a'.repeat(8193)))).toMatchObject({
      status: 422,
      limit: { name: 'charactersMax', max: 8192 },
    });
  });

  test('valid UTF-8 only', async () => {
    for (const octets of ['\xc0\xaf', '\xed\xa0\x80', '\xff']) {
      expect((await screen(Buffer.from(`{"text":"${octets}"}`, 'latin1'))).status).toBe(400);
    }
    expect((await screen(Buffer.from(String.raw`{"text":"\ud800"}`))).status).toBe(400);
  });

  test('ten violations within a minute block the key, and nobody else', async () => {
    for (let at = 0; at < 10; at += 1) expect((await screen(addresses)).status).toBe(422);
    expect(await outcome(screen(HARMLESS))).toMatchObject({ status: 403, code: 'blocked' });
    expect((await screen(HARMLESS, await newKey('first'))).status).toBe(200);
  });
});

describe('what is sent', () => {
  test('WK13: a body of at most 64 KiB', async () => {
    expect((await screen('a'.repeat(70_000))).status).toBe(413);
  });

  test('WK15: attacks are refused, texts about them are not', async () => {
    expect(
      (await call(`/v1/screenings?from=${encodeURIComponent("0' UNION SELECT password FROM users--")}`)).status,
    ).toBe(403);
    const text = 'The report explains how a query such as SELECT name FROM users was abused.';
    expect((await screen(text)).status).toBe(200);
  });

  test('WK14: a key from where it may be used', async () => {
    const elsewhere = await newKey('first', 'screen:read', '--addresses', '203.0.113.0/24');
    expect((await screen(HARMLESS, elsewhere)).status).toBe(401);
  });

  test('WK8: pages of other origins may read nothing', async () => {
    const answer = await call('/v1/stats', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('WK10: errors tell nothing of the inside', async () => {
    const answer = await call('/v1/screen', {
      method: 'POST',
      body: '{"text":',
      headers: { 'content-type': 'application/json' },
    });
    const said = await answer.text();
    expect(answer.status).toBe(400);
    expect(said).not.toMatch(/\bat |\.ts|node:|SyntaxError|127\.0\.0\.1/);
  });
});

describe('what is recorded', () => {
  test('WK5: an export holds figures and no text', async () => {
    await screen('write to bob@example.com, 4111 1111 1111 1111');
    const exporter = await newKey('first', 'exports:read');
    expect((await call('/v1/exports/screenings.csv')).status).toBe(403);
    const table = await (await call('/v1/exports/screenings.csv', {}, exporter)).text();
    expect(table).toMatch(/^id,at,score,verdict,characters\r\n/);
    expect(table).not.toMatch(/bob|4111/);
  });

  test('WK16: keys stand in the audit log and not in the process log', async () => {
    const { entries } = await gate.operator('audit', 'list', '--tenant', 'first');
    expect(JSON.stringify(entries)).toContain('key.created');
    expect(gate.lines.join('\n')).not.toContain(key);
    for (const line of gate.lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  test('WK17: a key reads its own usage', async () => {
    await screen(HARMLESS);
    const usage = await outcome(call('/control/v1/usage'));
    expect(usage.status).toBe(200);
    expect(JSON.stringify(usage)).toContain('allow');
  });
});

describe('README', () => {
  let shell: Shell;
  beforeAll(() => {
    const path = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
    shell = startShell({ cwd: ROOT, env: { ...process.env, PATH: path } });
  });
  afterAll(() => shell.stop());

  const steps = examplesOf(readFileSync(join(FOLDER, 'README.md'), 'utf8'));
  test.each(steps.map((step) => [`line ${step.line}`, step] as const))('%s', async (_, { commands, output }) => {
    // The application and the gate run already, on free ports and in a folder of the test.
    if (/^(?:node examples|steadygate start)/.test(commands)) return;
    const adapted = commands
      .replaceAll('http://127.0.0.1:8080', gate.url)
      .replaceAll('.steadygate/screening', gate.dataDir);
    const printed = await shell.run(adapted);
    expect(matches(output ?? '', printed), `printed:\n${printed}`).toBe(true);
  });
});
