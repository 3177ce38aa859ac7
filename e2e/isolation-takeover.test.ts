import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';
import { type Caller, NOBODY, signInMany } from './support/people.ts';
import {
  type Handler,
  jsonAnswer,
  type RecordingUpstream,
  startRecordingUpstream,
} from './support/recording-upstream.ts';
import { requestText, sendBytes } from './support/wire.ts';

const CONFIG = readFileSync(join(import.meta.dirname, '../examples/assistant/steadygate.yaml'), 'utf8');
const LIMITS = '\nlimits: { general: 100000/1m, credentials: 100000/1m }\n';

let app: RecordingUpstream;
let gate: RunningGate;
let owner: Caller = NOBODY;
let stranger: Caller = NOBODY;

beforeAll(async () => {
  app = await startRecordingUpstream();
  const env = { ASSISTANT_URL: app.url, ASSISTANT_VOICE_API_KEY: 'voice_demo_for_the_test' };
  gate = await startGate({ config: CONFIG + LIMITS, env });
  [owner = NOBODY, stranger = NOBODY] = await signInMany(gate, 'member', 2);
}, 60_000);
beforeEach(() => app.forget());
afterAll(async () => {
  await gate.stop();
  await app.close();
});

function ask(caller: Caller, method: string, path: string, body = '') {
  const type = body === '' ? [] : ['Content-Type: application/json'];
  return sendBytes(gate.port, requestText(method, path, [caller.line, ...type], body));
}

async function create(caller: Caller, id: string) {
  app.answerWith(jsonAnswer(201, JSON.stringify({ id, title: 'x' })));
  return ask(caller, 'POST', '/api/chats', '{"title":"x"}');
}

async function canReach(caller: Caller, id: string): Promise<boolean> {
  app.forget();
  app.answerWith(jsonAnswer(200, JSON.stringify({ id })));
  const { status } = await ask(caller, 'GET', `/api/chats/${id}`);
  expect(app.seen).toHaveLength(status === 200 ? 1 : 0);
  return status === 200;
}

function alerts(kind: string): readonly string[] {
  return gate.lines.filter((line) => line.includes(`"alert":"${kind}"`));
}

async function owned(id: string): Promise<string> {
  expect((await create(owner, id)).status).toBe(201);
  return id;
}

describe('T5: no takeover', () => {
  test('an upstream that answers a creation with an id already owned: the answer is withheld, the owner stays', async () => {
    const id = await owned(randomUUID());
    const before = alerts('ownership-conflict').length;
    const answer = await create(stranger, id);
    expect(answer.status).toBe(502);
    expect(answer.text).not.toContain(id);
    expect(alerts('ownership-conflict')).toHaveLength(before + 1);
    expect([await canReach(owner, id), await canReach(stranger, id)]).toEqual([true, false]);
  });

  test("an id that the client chooses gives nobody somebody else's object", async () => {
    const id = await owned(randomUUID());
    app.forget();
    app.answerWith((seen, response, incoming) => jsonAnswer(201, seen.body)(seen, response, incoming));
    const answer = await ask(stranger, 'POST', '/api/chats', JSON.stringify({ title: 'x', id }));
    expect([answer.status, app.seen]).toEqual([400, []]);
    for (const method of ['PUT', 'POST', 'PATCH']) {
      app.forget();
      expect((await ask(stranger, method, `/api/chats/${id}`, '{"title":"x"}')).status).toBe(404);
      expect((await ask(stranger, method, `/api/chats/${randomUUID()}`, '{"title":"x"}')).status).toBe(404);
      expect(app.seen).toEqual([]);
    }
    expect([await canReach(owner, id), await canReach(stranger, id)]).toEqual([true, false]);
  });

  test('a deleted object leaves a tombstone: its id can be claimed by nobody, its last owner included', async () => {
    const id = await owned(randomUUID());
    app.answerWith((_seen, response) => response.writeHead(204).end());
    expect((await ask(owner, 'DELETE', `/api/chats/${id}`)).status).toBe(204);
    for (const caller of [stranger, owner]) expect((await create(caller, id)).status).toBe(502);
    expect([await canReach(owner, id), await canReach(stranger, id)]).toEqual([false, false]);
  });

  test('a deletion that the upstream refused deletes nothing', async () => {
    const id = await owned(randomUUID());
    app.answerWith(jsonAnswer(409, '{}'));
    expect((await ask(owner, 'DELETE', `/api/chats/${id}`)).status).toBe(409);
    expect(await canReach(owner, id)).toBe(true);
  });

  test("touching claims nothing: reading, renaming, listing or failing at somebody's id", async () => {
    const id = randomUUID();
    app.answerWith(jsonAnswer(200, JSON.stringify({ id, chats: [{ id }] })));
    for (const [method, path] of [
      ['GET', `/api/chats/${id}`],
      ['PATCH', `/api/chats/${id}`],
      ['POST', `/api/chats/${id}/messages`],
    ] as const) {
      expect((await ask(stranger, method, path)).status).toBe(404);
    }
    expect((await ask(stranger, 'GET', '/api/chats')).body).toContain('"chats":[]');
    expect(await canReach(stranger, id)).toBe(false);
  });

  test.each<readonly [string, (id: string) => Handler]>([
    ['status 202', (id) => jsonAnswer(202, JSON.stringify({ id }))],
    ['status 204', (id) => (_seen, response) => response.writeHead(204, { 'x-id': id }).end()],
    ['status 206', (id) => jsonAnswer(206, JSON.stringify({ id }))],
    ['status 302', (id) => jsonAnswer(302, JSON.stringify({ id }), { location: `/api/chats/${id}` })],
    ['status 500', (id) => jsonAnswer(500, JSON.stringify({ id }))],
    ['no JSON type', (id) => (_seen, response) => response.writeHead(201).end(JSON.stringify({ id }))],
    ['HTML', (id) => jsonAnswer(201, JSON.stringify({ id }), { 'content-type': 'text/html' })],
    ['no id', () => jsonAnswer(201, '{}')],
    ['an id in another place', (id) => jsonAnswer(201, JSON.stringify({ chat: { id } }))],
    ['a list', (id) => jsonAnswer(201, JSON.stringify([{ id }]))],
    ['several ids', (id) => jsonAnswer(201, JSON.stringify({ id: [id, randomUUID()] }))],
    ['an object for an id', (id) => jsonAnswer(201, JSON.stringify({ id: { id } }))],
    ['a number for an id', () => jsonAnswer(201, '{"id":17}')],
    ['null for an id', () => jsonAnswer(201, '{"id":null}')],
    ['an id in upper case', (id) => jsonAnswer(201, JSON.stringify({ id: id.toUpperCase() }))],
    ['an id with a space', (id) => jsonAnswer(201, JSON.stringify({ id: `${id} ` }))],
    ['the key twice', (id) => jsonAnswer(201, `{"id":"${randomUUID()}","id":"${id}"}`)],
    ['the key twice, once escaped', (id) => jsonAnswer(201, `{"id":"${randomUUID()}","\\u0069d":"${id}"}`)],
    ['two documents', (id) => jsonAnswer(201, `{"id":"${id}"}{"id":"${id}"}`)],
    ['an inherited id', (id) => jsonAnswer(201, `{"__proto__":{"id":"${id}"}}`)],
    ['broken JSON', (id) => jsonAnswer(201, `{"id":"${id}"`)],
    ['compression', (id) => jsonAnswer(201, JSON.stringify({ id }), { 'content-encoding': 'gzip' })],
    ['more than 1 MiB', (id) => jsonAnswer(201, JSON.stringify({ id, more: 'x'.repeat(1024 * 1024) }))],
  ])('a creation answered with %s claims nothing and is withheld', async (_name, handlerOf) => {
    const id = randomUUID();
    app.answerWith(handlerOf(id));
    const answer = await ask(stranger, 'POST', '/api/chats', '{"title":"x"}');
    expect(answer.status).toBe(502);
    expect(answer.text).not.toContain(id);
    expect(await canReach(stranger, id)).toBe(false);
  });

  test("the application's own refusal of the input passes and claims nothing", async () => {
    const id = randomUUID();
    app.answerWith(jsonAnswer(422, JSON.stringify({ id })));
    expect((await ask(stranger, 'POST', '/api/chats', '{}')).status).toBe(422);
    expect(await canReach(stranger, id)).toBe(false);
  });

  test('of twenty who are answered the same new id at once, one gets it', async () => {
    const id = randomUUID();
    app.answerWith(jsonAnswer(201, JSON.stringify({ id })));
    const everybody = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? owner : stranger));
    const answers = await Promise.all(everybody.map((caller) => ask(caller, 'POST', '/api/chats', '{"title":"x"}')));
    const reached = [await canReach(owner, id), await canReach(stranger, id)];
    expect(reached.filter(Boolean)).toHaveLength(1);
    const winner = reached[0] === true ? 0 : 1;
    answers.forEach(({ status }, at) => expect(status).toBe(at % 2 === winner ? 201 : 502));
  });
});

describe('T4: ownership first', () => {
  test('while the claim cannot be written the answer is 503, and the object belongs to nobody', async () => {
    const id = randomUUID();
    const file = readdirSync(gate.dataDir).find((name) => name.endsWith('.db') && name !== 'lock.db');
    const other = new DatabaseSync(join(gate.dataDir, file ?? ''));
    try {
      other.exec('BEGIN IMMEDIATE');
      const answer = await create(owner, id);
      expect(answer.status).toBe(503);
      expect(answer.text).not.toContain(id);
    } finally {
      other.exec('ROLLBACK');
      other.close();
    }
    expect(alerts('orphan').some((line) => line.includes(id))).toBe(true);
    expect([await canReach(owner, id), await canReach(stranger, id)]).toEqual([false, false]);
    expect((await create(owner, randomUUID())).status).toBe(201);
  });
});

describe('T6: what is not declared does not reach the application', () => {
  const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
  const DECLARED = [
    'GET /api/chats',
    'HEAD /api/chats',
    'POST /api/chats',
    'POST /api/search',
    'GET /api/dashboard',
    'HEAD /api/dashboard',
    'GET /api/config',
    'HEAD /api/config',
    'GET /',
    'HEAD /',
    'GET /assets/app.js',
    'HEAD /assets/app.js',
  ];
  const PATHS = ['/api/chats', '/api/search', '/api/dashboard', '/api/config', '/', '/assets/app.js', '/healthz'];
  const UNDECLARED = [
    '/api',
    '/api/',
    '/api/chats/',
    '/api/users',
    '/api/export',
    '/api/search/all',
    '/api/dashboard/x',
    '/index.html',
    '/favicon.ico',
    '/robots.txt',
    '/admin',
    '/ws/x',
    '/api/config.json',
  ];

  test('every method on every path: only what the configuration declares arrives', async () => {
    app.answerWith(jsonAnswer(404, '{}'));
    const arrived: string[] = [];
    for (const path of [...PATHS, ...UNDECLARED]) {
      for (const method of METHODS) {
        app.forget();
        const body = path === '/api/search' && method === 'POST' ? '{"query":"x","chatIds":[]}' : '';
        await ask(owner, method, path, body);
        if (app.seen.length > 0) arrived.push(`${method} ${path}`);
      }
    }
    // An empty list of ids names none: where ids are declared, at least one must stand.
    expect(arrived.toSorted()).toEqual(DECLARED.filter((each) => each !== 'POST /api/search').toSorted());
  });

  test('unlisted methods end at the gate', async () => {
    for (const method of [
      'TRACE',
      'CONNECT',
      'PROPFIND',
      'PURGE',
      'LOCK',
      'M-SEARCH',
      'OPTIONS',
      'QUERY',
      'get',
      'BREW',
    ]) {
      const { status } = await ask(owner, method, '/api/chats');
      expect([0, 204, 400, 405], `method ${method}`).toContain(status);
    }
    for (const field of [
      'X-HTTP-Method-Override',
      'X-HTTP-Method',
      'X-Method-Override',
      '_method',
      'X_HTTP_METHOD_OVERRIDE',
    ]) {
      const text = requestText('GET', '/api/chats', [owner.line, `${field}: DELETE`]);
      app.answerWith(jsonAnswer(200, '{"chats":[]}'));
      await sendBytes(gate.port, text);
      const names = app.seen.at(-1)?.rawHeaders.filter((_, at) => at % 2 === 0) ?? [];
      expect(names.map((name) => name.toLowerCase())).not.toContain(field.toLowerCase());
    }
    expect(app.seen.every(({ method }) => method === 'GET')).toBe(true);
  });
});
