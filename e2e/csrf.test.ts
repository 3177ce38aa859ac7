import { OPERATIONS } from '@steadygate/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type GateClient, gateClient, type Person, text } from './support/gate-client.ts';
import { openSocket } from './support/gate-streams.ts';
import { type RunningGate, startGate } from './support/gate.ts';

type Fields = readonly (readonly [string, string])[];

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;
let admin: Person;
let other: Person;

beforeAll(async () => {
  upstream = await startEchoUpstream();
  gate = await startGate({ config: echoConfig(upstream.url) });
  client = gateClient(gate);
  // In tenant `system`, where every permission exists: nothing but the token is missing.
  admin = await client.logIn(text(gate.invite));
  client.inviteThrough(admin);
  other = await client.newPerson('admin');
  client.inviteThrough(other);
  admin = client.personOf(await admin.send('POST', '/auth/session', { tenant: 'system' }));
});
afterAll(async () => {
  await gate.stop();
  await upstream.close();
});

const guarded = OPERATIONS.filter(({ method, access }) => method !== 'GET' && 'permission' in access);

function send(method: string, path: string, fields: Fields = []) {
  const headers = [admin.cookie(), ...fields];
  return client.send(path.replaceAll(/\{\w+\}/g, 'AAAAAAAAAAAAAAAAAAAAAA'), { method, headers, body: {} });
}

describe('SB22: every change under /auth and /control', () => {
  test('is in the table', () => {
    expect(guarded.map(({ operationId }) => operationId)).toEqual(
      expect.arrayContaining([
        'logout',
        'switchTenant',
        'revokeOwnSession',
        'revokeSession',
        'createInvite',
        'disableUser',
      ]),
    );
  });

  const withToken = (): Fields => [['x-csrf-token', admin.csrfToken]];
  const CASES: readonly (readonly [string, () => Fields])[] = [
    ['without a token', () => []],
    ['without a token from the own origin', () => [['origin', gate.url]]],
    ['without a token, same-origin', () => [['sec-fetch-site', 'same-origin']]],
    ['with an empty token', () => [['x-csrf-token', '']]],
    ['with the token of another session', () => [['x-csrf-token', other.csrfToken]]],
    ['with a cut token', () => [['x-csrf-token', admin.csrfToken.slice(0, -1)]]],
    ['with the session id as token', () => [['x-csrf-token', admin.sessionId]]],
    ['with its token from a foreign origin', () => [...withToken(), ['origin', 'https://evil.example']]],
    ['with its token from origin null', () => [...withToken(), ['origin', 'null']]],
    ['with its token from another port', () => [...withToken(), ['origin', 'http://127.0.0.1:1']]],
    [
      'with its token from the origin over TLS',
      () => [...withToken(), ['origin', gate.url.replace('http:', 'https:')]],
    ],
    ['with its token, cross-site', () => [...withToken(), ['sec-fetch-site', 'cross-site']]],
    ['with its token, same-site', () => [...withToken(), ['sec-fetch-site', 'same-site']]],
    [
      'with its token from a foreign origin that claims same-origin',
      () => [...withToken(), ['origin', 'https://evil.example'], ['sec-fetch-site', 'same-origin']],
    ],
  ];
  test.each(CASES)('%s: 403', async (_, fields) => {
    for (const { method, path } of guarded) {
      const { status, body } = await send(method, path, fields());
      expect([method, path, status, body['code']]).toEqual([method, path, 403, 'csrf-refused']);
    }
  });

  test('with its token and the own origin, or none named, gets past this guard', async () => {
    for (const fields of [[], [['origin', gate.url] as const], [['sec-fetch-site', 'none'] as const]]) {
      const { status } = await send('DELETE', '/control/v1/sessions/{id}', [...withToken(), ...fields]);
      expect(status).toBe(404);
    }
  });

  test('refresh wants the token of its own session, and none is used up without', async () => {
    const person = await client.newPerson('member');
    const post = (fields: Fields) =>
      client.send('/auth/refresh', { method: 'POST', headers: [person.cookie(), ...fields] });
    const own: Fields = [['x-csrf-token', person.csrfToken]];
    for (const fields of [
      [],
      [['x-csrf-token', other.csrfToken]],
      [...own, ['origin', 'https://evil.example']],
    ] as const) {
      const { status, body } = await post(fields);
      expect([status, body['code']]).toEqual([403, 'csrf-refused']);
    }
    expect((await post(own)).status).toBe(200);
  });
});

describe('T20: log-in', () => {
  test.each([['https://evil.example'], ['null'], ['http://127.0.0.1:1'], ['http://localhost.evil.example']])(
    'from origin %s is refused, and the code is not burned',
    async (origin) => {
      const inviteCode = await client.codeFor('viewer');
      const { status, body } = await client.send('/auth/login', {
        method: 'POST',
        headers: [['origin', origin]],
        body: { inviteCode },
      });
      expect([status, body['code']]).toEqual([403, 'csrf-refused']);
    },
  );

  test('cross-site without an origin is refused', async () => {
    const inviteCode = await client.codeFor('viewer');
    const headers: Fields = [['sec-fetch-site', 'cross-site']];
    expect((await client.send('/auth/login', { method: 'POST', headers, body: { inviteCode } })).status).toBe(403);
  });

  test.each([
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data; boundary=x',
    'text/json',
    'application/jsonp',
    'application/json, text/plain',
  ])('as %s is refused: forms of other sites can send it', async (type) => {
    const body = JSON.stringify({ inviteCode: await client.codeFor('viewer') });
    const answer = await client.send('/auth/login', { method: 'POST', headers: [['content-type', type]], body });
    expect([answer.status, answer.body['code'], answer.setCookie]).toEqual([415, 'media-type-refused', []]);
  });

  test('without a media type is refused', async () => {
    const body = JSON.stringify({ inviteCode: await client.codeFor('viewer') });
    const answer = await client.send('/auth/login', { method: 'POST', headers: [['content-type', '']], body });
    expect([answer.status, answer.setCookie]).toEqual([415, []]);
  });

  test('takes JSON without duplicate keys, unknown keys or another shape', async () => {
    const code = await client.codeFor('viewer');
    const bodies = [
      `{"inviteCode":"x","inviteCode":"${code}"}`,
      `{"inviteCode":"${code}","role":"admin"}`,
      `{"inviteCode":"${code}","loginLink":"${code}"}`,
      `{"inviteCode":["${code}"]}`,
      `{"inviteCode":{"$ne":""}}`,
      `{"inviteCode":"${code}","__proto__":{"role":"admin"}}`,
      `["${code}"]`,
      `"${code}"`,
      'null',
      '{',
      '',
    ];
    for (const body of bodies) {
      const answer = await client.send('/auth/login', { method: 'POST', body });
      expect([body, answer.status, answer.setCookie]).toEqual([body, 400, []]);
    }
  });
});

describe('SB22: a change of an upstream', () => {
  test.each<readonly [string, () => Fields, number]>([
    ['from nowhere', () => [], 403],
    ['cross-site', () => [['sec-fetch-site', 'cross-site']], 403],
    ['same-site', () => [['sec-fetch-site', 'same-site']], 403],
    ['typed by a person', () => [['sec-fetch-site', 'none']], 403],
    ['from a foreign origin', () => [['origin', 'https://evil.example']], 403],
    ['from origin null', () => [['origin', 'null']], 403],
    ['with the token of another session', () => [['x-csrf-token', admin.csrfToken]], 403],
    ['same-origin', () => [['sec-fetch-site', 'same-origin']], 200],
    ['from the own origin', () => [['origin', gate.url]], 200],
    ['with the token', () => [['x-csrf-token', other.csrfToken]], 200],
  ])('%s', async (_, fields, expected) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const headers = [other.cookie(), ...fields()];
      expect((await client.send(`/x/${method}`, { method, headers, body: {} })).status).toBe(expected);
    }
  });

  test('that was refused never reached it, and neither token nor cookie ever does', async () => {
    expect(upstream.seen.filter((path) => path.startsWith('/x/')).length).toBe(12);
    const headers: Fields = [other.cookie(), ['x-csrf-token', other.csrfToken]];
    const { body } = await client.send('/y', { method: 'POST', headers, body: {} });
    expect(body['headers']).not.toHaveProperty('x-csrf-token');
    expect(body['headers']).not.toHaveProperty('cookie');
  });

  test('T3: a method override changes nothing', async () => {
    const override: Fields = [
      ['x-http-method-override', 'POST'],
      ['x-method-override', 'DELETE'],
    ];
    const { status, body } = await client.send('/x?_method=POST', { headers: [other.cookie(), ...override] });
    expect([status, body['method']]).toEqual([200, 'GET']);
    expect(body['headers']).not.toHaveProperty('x-http-method-override');
  });
});

describe('SB11: a WebSocket with cookies', () => {
  test.each([undefined, 'https://evil.example', 'null', 'http://127.0.0.1:1'])(
    'from origin %s is refused',
    async (origin) => {
      const headers = { cookie: other.cookie()[1], ...(origin === undefined ? {} : { origin }) };
      await expect(openSocket(gate, headers)).rejects.toThrow('refused with 403');
    },
  );

  test('from the own origin opens, and without a credential none does', async () => {
    const socket = await openSocket(gate, { cookie: other.cookie()[1], origin: gate.url });
    socket.close();
    await expect(openSocket(gate, { origin: gate.url })).rejects.toThrow('refused with 401');
  });
});
