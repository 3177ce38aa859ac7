import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExampleApp, startExampleApp } from './support/example-app.ts';
import { type GateClient, gateClient } from './support/gate-client.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { examplesOf, matches } from './support/readme.ts';
import { type Shell, startShell } from './support/shell.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'examples/commerce');
const CONFIG = join(FOLDER, 'steadygate.yaml');
const ORDER = { lines: [{ sku: 'MUG-BLUE', quantity: 1 }] };
const SOON = { timeout: 15_000 };

let app: ExampleApp;
let gate: RunningGate;
let client: GateClient;

beforeAll(async () => {
  app = await startExampleApp('commerce');
  gate = await startGate({ args: ['--config', CONFIG], env: { COMMERCE_URL: app.url } });
  client = gateClient(gate);
});
afterAll(async () => {
  await gate.stop();
  await app.stop();
});

async function newKey(permissions: string, ...options: readonly string[]): Promise<string> {
  const made = await gate.operator('key', 'create', '--name', 'service', '--permissions', permissions, ...options);
  return String(made['key']);
}

function call(key: string, method: string, path: string, body?: unknown): Promise<Response> {
  const content = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  return fetch(gate.url + path, {
    method,
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...content,
  });
}

async function said(answer: Promise<Response>): Promise<Readonly<Record<string, unknown>>> {
  const response = await answer;
  const text = await response.text();
  return { status: response.status, ...(text === '' ? {} : JSON.parse(text)) };
}

describe('SS14: permissions in roles', () => {
  const operations = [
    ['GET', '/v1/orders'],
    ['POST', '/v1/orders', ORDER],
    ['PATCH', '/v1/orders/{id}', { note: 'call first' }],
    ['DELETE', '/v1/orders/{id}'],
    ['GET', '/v1/inventory'],
    ['PUT', '/v1/inventory/TEA-EARL', { name: 'Earl Grey', price: 1300, stock: 40 }],
    ['GET', '/v1/reports/sales'],
  ] as const;

  test.each([
    // 409: an order that is open is not removed, says the shop.
    ['manager', [200, 201, 200, 409, 200, 200, 200]],
    ['support', [200, 403, 200, 403, 200, 403, 403]],
    ['auditor', [200, 403, 403, 403, 200, 403, 200]],
    ['admin', [200, 201, 200, 409, 200, 200, 200]],
    ['viewer', [200, 403, 403, 403, 200, 403, 200]],
  ])('%s', async (role, expected) => {
    const { id } = await said(call(await newKey('orders:create'), 'POST', '/v1/orders', ORDER));
    const person = await client.newPerson(role);
    const statuses: number[] = [];
    for (const [method, path, body] of operations) {
      statuses.push((await person.send(method, path.replace('{id}', String(id)), body)).status);
    }
    expect(statuses).toEqual(expected);
  });

  test('a key has its own, and none for what is people’s', async () => {
    const reader = await newKey('orders:read,reports:read');
    expect((await call(reader, 'GET', '/v1/orders')).status).toBe(200);
    expect(await said(call(reader, 'POST', '/v1/orders', ORDER))).toMatchObject({
      status: 403,
      code: 'permission-denied',
    });
    expect((await call(reader, 'GET', '/v1/reports/sales')).status).toBe(401);
  });

  test('what is not listed is not served', async () => {
    const all = await newKey('orders:*,inventory:*');
    expect((await call(all, 'PUT', '/v1/orders/1', {})).status).toBe(405);
    expect((await call(all, 'GET', '/v2/orders')).status).toBe(404);
    expect((await fetch(`${gate.url}/healthz`)).status).toBe(404);
  });
});

describe('SS15: input is what the document describes', () => {
  let key: string;
  beforeAll(async () => {
    key = await newKey('orders:*,inventory:*');
  });

  test.each<[string, string, string, unknown, number]>([
    [
      'a price of the customer’s',
      'POST',
      '/v1/orders',
      { lines: [{ sku: 'MUG-BLUE', quantity: 1, unitPrice: 1 }] },
      422,
    ],
    ['a status of the customer’s', 'POST', '/v1/orders', { ...ORDER, status: 'paid' }, 422],
    ['a property that nobody knows', 'POST', '/v1/orders', { ...ORDER, discount: 100 }, 422],
    ['less than nothing', 'POST', '/v1/orders', { lines: [{ sku: 'MUG-BLUE', quantity: -1 }] }, 422],
    ['no lines', 'POST', '/v1/orders', { lines: [] }, 422],
    ['a key twice', 'POST', '/v1/orders', '{"lines":[],"lines":[]}', 400],
    ['an id of another form', 'GET', '/v1/orders/1', undefined, 422],
    ['a limit out of range', 'GET', '/v1/orders?limit=100000', undefined, 422],
    ['a parameter that nobody knows', 'GET', '/v1/orders?sort=price', undefined, 422],
    ['an item of another form', 'PUT', '/v1/inventory/mug', { name: 'x', price: 1, stock: 1 }, 422],
    ['an attack where text is', 'POST', '/v1/orders', { ...ORDER, note: "' UNION SELECT card FROM users--" }, 403],
  ])('refused: %s', async (_, method, path, body, status) => {
    expect((await call(key, method, path, body)).status).toBe(status);
  });

  test('what matches reaches the shop, and its answers are as described', async () => {
    const placed = await call(key, 'POST', '/v1/orders', { ...ORDER, note: 'Ring twice, please.' });
    expect(placed.status).toBe(201);
    // JSON of the shop.
    const { id } = (await placed.clone().json()) as { id: string };
    expect(await placed.json()).toMatchObject({ status: 'open', total: 900, lines: [{ unitPrice: 900 }] });
    expect(await said(call(key, 'PATCH', `/v1/orders/${id}`, { status: 'shipped' }))).toMatchObject({ status: 409 });
    expect((await call(key, 'PATCH', `/v1/orders/${id}`, { status: 'cancelled' })).status).toBe(200);
    expect((await call(key, 'DELETE', `/v1/orders/${id}`)).status).toBe(204);
    expect((await call(key, 'GET', `/v1/orders/${id}`)).status).toBe(404);
    // An answer that differs from the document would have left a finding.
    const { stdout } = await gate.cli('explain', placed.headers.get('x-request-id') ?? '');
    expect(stdout).not.toContain('guard schema');
    const report = await gate.operator('schema', 'report');
    expect(report['unmatched']).toEqual([]);
  });

  test('every operation of the document is judged', async () => {
    const { stdout } = await gate.cli('check', '--config', CONFIG);
    expect(stdout).not.toContain('openapi.yaml');
  });
});

describe('SS6: keys for live and for test', () => {
  test('a test key opens the sandbox and nothing else; a live key everything but that', async () => {
    const test_ = await newKey('orders:*', '--env', 'test');
    const live = await newKey('orders:*');
    expect(test_).toMatch(/^sg_test_/);
    expect((await call(test_, 'POST', '/sandbox/v1/orders', ORDER)).status).toBe(201);
    expect((await call(test_, 'GET', '/v1/orders')).status).toBe(401);
    expect((await call(live, 'GET', '/sandbox/v1/orders')).status).toBe(401);
    const { orders } = await said(call(live, 'GET', '/v1/orders?status=shipped'));
    expect(orders).toEqual([]);
  });

  test('rotates with an overlap, and ends at once when it is revoked', async () => {
    const key = await newKey('orders:read');
    const id = key.split('_')[2] ?? '';
    const next = String((await gate.operator('key', 'rotate', id))['key']);
    expect((await call(key, 'GET', '/v1/orders')).status).toBe(200);
    await gate.operator('key', 'revoke', next.split('_')[2] ?? '');
    await expect.poll(() => call(next, 'GET', '/v1/orders').then(({ status }) => status), SOON).toBe(401);
  });
});

describe('SS7: limits of single operations', () => {
  test('orders are placed twenty a minute, and read faster', async () => {
    const key = await newKey('orders:*');
    const statuses: number[] = [];
    for (let at = 0; at < 21; at += 1) statuses.push((await call(key, 'POST', '/v1/orders', ORDER)).status);
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 201), 429]);
    expect((await call(key, 'GET', '/v1/orders')).status).toBe(200);
  });

  test('a key from where it may be used', async () => {
    const elsewhere = await newKey('orders:read', '--addresses', '203.0.113.0/24');
    expect((await call(elsewhere, 'GET', '/v1/orders')).status).toBe(401);
  });
});

describe('the operator', () => {
  test('SS12: what administrators do is written down', async () => {
    const { entries } = await gate.operator('audit', 'list', '--limit', '100');
    const text = JSON.stringify(entries);
    for (const action of ['key.created', 'key.rotated', 'key.revoked', 'invite.created'])
      expect(text).toContain(action);
  });

  test('SS5: production does not start with this configuration', async () => {
    const production = readFileSync(CONFIG, 'utf8').replace('environment: development', 'environment: production');
    const config = production.replace('file: openapi.yaml', `file: ${join(FOLDER, 'openapi.yaml')}`);
    await expect(startGate({ config, env: { COMMERCE_URL: app.url } })).rejects.toThrow(
      /key-encryption key|keyEncryptionKey/i,
    );
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
    // The shop and the gate run already, on free ports and in a folder of the test.
    if (/^(?:node examples|steadygate start)/.test(commands)) return;
    const adapted = commands
      .replaceAll('http://127.0.0.1:8080', gate.url)
      .replaceAll('.steadygate/commerce', gate.dataDir);
    const printed = await shell.run(adapted);
    expect(matches(output ?? '', printed), `printed:\n${printed}`).toBe(true);
  });
});
