import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';
import {
  jsonAnswer,
  plainAnswer,
  type RecordingUpstream,
  startRecordingUpstream,
} from './support/recording-upstream.ts';
import { requestText, sendBytes } from './support/wire.ts';

const DOCUMENT = `
openapi: 3.1.0
info: { title: Orders, version: '1' }
servers: [ { url: https://shop.example/v1 } ]
paths:
  /orders:
    get:
      parameters:
        - { name: limit, in: query, schema: { type: integer, minimum: 1, maximum: 100 } }
        - { name: status, in: query, schema: { type: array, items: { enum: [open, paid] } } }
      responses:
        '200': { description: orders, content: { application/json: { schema: { $ref: '#/components/schemas/Orders' } } } }
    post:
      requestBody:
        required: true
        content:
          application/json: { schema: { $ref: '#/components/schemas/Order' } }
          application/x-www-form-urlencoded: { schema: { $ref: '#/components/schemas/Order' } }
      responses: { '201': { description: made } }
  /orders/{id}:
    parameters: [ { name: id, in: path, required: true, schema: { type: string, format: uuid } } ]
    get: { responses: { '200': { description: an order } } }
components:
  schemas:
    Orders: { type: array, items: { $ref: '#/components/schemas/Order' } }
    Order:
      type: object
      required: [ id, sku, amount ]
      properties:
        id: { type: string, readOnly: true }
        sku: { type: string, maxLength: 20 }
        amount: { type: integer, minimum: 1 }
`;

const folder = mkdtempSync(join(tmpdir(), 'sg-'));
let app: RecordingUpstream;
let gate: RunningGate;

beforeAll(async () => {
  writeFileSync(join(folder, 'openapi.yaml'), DOCUMENT);
  app = await startRecordingUpstream();
  const open = { access: 'public', limits: 'off' };
  gate = await startGate({
    config: {
      environment: 'development',
      upstreams: { app: { url: app.url } },
      routes: [
        { path: '/v1/**', ...open },
        { path: '/v2/**', ...open, guards: { schema: { basePath: '/v2', unmatched: 'pass', answers: 'shadow' } } },
        {
          path: '/v3/**',
          ...open,
          guards: { schema: { basePath: '/v3', mode: 'shadow', unknownProperties: 'allow' } },
        },
        { path: '/free/**', ...open, guards: { schema: { mode: 'off' } } },
      ],
      guards: { schema: { file: join(folder, 'openapi.yaml') } },
    },
  });
}, 60_000);
beforeEach(() => {
  app.forget();
  app.answerWith(plainAnswer);
});
afterAll(async () => {
  await gate.stop();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const SOON = { timeout: 15_000 };
const JSON_TYPE = { 'content-type': 'application/json' };

function post(path: string, body: unknown, headers: Record<string, string> = JSON_TYPE): Promise<Response> {
  return fetch(gate.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers,
  });
}

const explained = (response: Response): Promise<string> =>
  gate.cli('explain', response.headers.get('x-request-id') ?? '').then(({ stdout }) => stdout);

describe('SS15: requests match their operation in the OpenAPI document, or are refused', () => {
  test('what matches reaches the application as it was sent', async () => {
    const body = '{ "sku" : "A-1","amount": 2 }';
    expect((await post('/v1/orders', body)).status).toBe(200);
    expect(app.seen.at(-1)?.body).toBe(body);
    expect((await fetch(`${gate.url}/v1/orders?limit=5&status=open&status=paid`)).status).toBe(200);
    expect(app.seen.at(-1)?.target).toBe('/v1/orders?limit=5&status=open&status=paid');
    expect(
      (await post('/v1/orders', 'sku=A+1&amount=2', { 'content-type': 'application/x-www-form-urlencoded' })).status,
    ).toBe(200);
  });

  test('the caller learns the first places that do not match, and no value', async () => {
    const response = await post('/v1/orders', { sku: 'secret-value-that-is-much-too-long', amount: 0, price: 1 });
    expect(response.status).toBe(422);
    const problem = await response.json();
    expect(problem).toMatchObject({
      code: 'schema-refused',
      errors: expect.arrayContaining([
        { field: 'body', pointer: '/sku', rule: 'must NOT have more than 20 characters' },
        { field: 'body', pointer: '/amount', rule: 'must be >= 1' },
        { field: 'body', pointer: '/price', rule: 'is not a known property' },
      ]),
    });
    expect(JSON.stringify(problem)).not.toContain('secret-value');
    expect(app.seen).toEqual([]);
    await expect.poll(() => explained(response), SOON).toContain('POST /v1/orders');
    expect(await explained(response)).toMatch(/openapi\.yaml:13/);
  });

  test.each([
    ['a number that is none', '/v1/orders?limit=five', 422],
    ['a number out of range', '/v1/orders?limit=101', 422],
    ['one of many that is unknown', '/v1/orders?status=open&status=lost', 422],
    ['one value twice', '/v1/orders?limit=1&limit=2', 422],
    ['an unknown parameter', '/v1/orders?admin=true', 422],
    ['a path parameter of another format', '/v1/orders/1', 422],
    ['a path that is not described', '/v1/refunds', 404],
  ])('%s', async (_, path, status) => {
    expect((await fetch(gate.url + path)).status).toBe(status);
    expect(app.seen).toEqual([]);
  });

  test('a method that is not described is 405, and those that are, are named', async () => {
    const response = await fetch(`${gate.url}/v1/orders`, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('GET');
  });

  test.each([
    ['no body', '', JSON_TYPE, 422],
    ['another type', '<a/>', { 'content-type': 'application/xml' }, 415],
    ['JSON that is none', '{"sku":', JSON_TYPE, 400],
    ['a key twice', '{"sku":"a","sku":"b","amount":1}', JSON_TYPE, 400],
    ['what only the application may set', '{"id":"1","sku":"a","amount":1}', JSON_TYPE, 422],
  ])('%s', async (_, body, headers, status) => {
    expect((await post('/v1/orders', body, headers)).status).toBe(status);
    expect(app.seen).toEqual([]);
  });

  test('a body where none is expected', async () => {
    const bytes = requestText('GET', '/v1/orders', ['content-type: application/json'], '{}');
    const { status } = await sendBytes(gate.port, bytes);
    expect(status).toBe(422);
    expect(app.seen).toEqual([]);
  });
});

describe('modes', () => {
  test('T3: in shadow and off nothing is refused; shadow records', async () => {
    const response = await post('/v3/orders', { sku: 1 });
    expect(response.status).toBe(200);
    await expect.poll(() => explained(response), SOON).toContain('shadow');
    expect((await post('/free/x', 'anything')).status).toBe(200);
  });

  test('an answer that differs is recorded, and is not changed', async () => {
    app.answerWith(jsonAnswer(200, '[{"id":"1","sku":"a","amount":"many"}]'));
    const response = await fetch(`${gate.url}/v2/orders`);
    expect(await response.text()).toBe('[{"id":"1","sku":"a","amount":"many"}]');
    await expect.poll(() => explained(response), SOON).toContain('/0/amount must be integer');
  });

  test('traffic that matches no operation is counted', async () => {
    const response = await fetch(`${gate.url}/v2/invoices/17`);
    expect(response.status).toBe(200);
    await expect.poll(() => explained(response), SOON).toContain('no path');
    const { stdout } = await gate.cli('schema', 'report');
    expect(stdout).toContain('GET /v2/invoices/{…}');
  });
});

describe('a document with a mistake', () => {
  const own = mkdtempSync(join(tmpdir(), 'sg-'));
  const file = join(own, 'openapi.yaml');
  afterAll(() => rmSync(own, { recursive: true, force: true }));
  const config = () => ({
    environment: 'development',
    upstreams: { app: { url: app.url } },
    routes: [{ path: '/v1/**', access: 'public' }],
    guards: { schema: { file } },
  });

  test('stops the start, with its line', async () => {
    writeFileSync(file, DOCUMENT.replace('maxLength: 20', 'maxLenght: 20'));
    await expect(startGate({ config: config() })).rejects.toThrow(
      /openapi\.yaml:\d\d:\d+: .*is no keyword of this version/,
    );
  });

  test('is not taken over while the gate runs; one without is', async () => {
    writeFileSync(file, DOCUMENT);
    const running = await startGate({ config: config() });
    const status = () => fetch(`${running.url}/v1/orders?limit=50`).then((response) => response.status);
    try {
      expect(await status()).toBe(200);
      writeFileSync(file, DOCUMENT.replace('maximum: 100', 'maximum: many'));
      await expect.poll(() => running.lines.join('\n'), SOON).toContain('is not a number');
      expect(await status()).toBe(200);
      writeFileSync(file, DOCUMENT.replace('maximum: 100', 'maximum: 10'));
      await expect.poll(status, SOON).toBe(422);
    } finally {
      await running.stop();
    }
  });
});
