import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echoConfig, type EchoUpstream, startEchoUpstream } from './support/echo-upstream.ts';
import { type Answer, gateClient, type GateClient, type Person, text } from './support/gate-client.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { until } from './support/until.ts';

const permission = { read: 'orders:read', write: 'orders:write' };
const OVER = 'sg_live_AAAAAAAAAAAAAAAAAAAA_000000000000000000000000000000000000000000028srAm';

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;
let admin: Person;
let stranger: Person;

beforeAll(async () => {
  upstream = await startEchoUpstream();
  const config = echoConfig(upstream.url, {
    trustedProxies: ['127.0.0.1/32'],
    routes: [
      { path: '/v1/**', upstream: 'app', access: 'key', permission },
      { path: '/events', upstream: 'app', access: 'key', permission },
      { path: '/live/**', upstream: 'app', access: 'key', permission, keyEnvironments: ['live'] },
      { path: '/both/**', upstream: 'app', access: 'any', permission: { read: 'app:read', write: 'app:write' } },
      { path: '/open/**', upstream: 'app', access: 'public' },
      { path: '/**', upstream: 'app', access: 'session', permission: { read: 'app:read', write: 'app:write' } },
    ],
    roles: { issuer: { permissions: ['key:*', 'orders:read'], invitePrefix: 'SB-ISSUER-' } },
    keys: { tenantLimits: { quick: '1000/s' } },
    limits: { general: '100000/1m', credentials: '10/15m', refresh: '100000/1m' },
  });
  gate = await startGate({ config });
  client = gateClient(gate);
  for (const tenant of ['quick', 'other']) await gate.operator('tenant', 'create', tenant);
  admin = await client.logIn(await client.invite('admin', '--tenant', 'quick'));
  stranger = await client.logIn(await client.invite('admin', '--tenant', 'other'));
});

afterAll(async () => {
  await gate.stop();
  await upstream.close();
});

/** Every test calls from an address of its own: failed attempts are counted by it. */
let addresses = 0;
const nextAddress = (): string => `198.51.100.${(addresses += 1)}`;

interface Key {
  readonly id: string;
  readonly key: string;
  readonly userId: string;
}

async function newKey(body: object = {}, by: Person = admin): Promise<Key> {
  const made = await by.send('POST', '/control/v1/keys', { name: 'test', permissions: ['orders:*'], ...body });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return remembered(made.body);
}

function remembered(body: Readonly<Record<string, unknown>>): Key {
  const key = text(body['key']);
  client.secrets.add(key);
  return { id: text(body['id']), key, userId: text(body['userId']) };
}

function call(key: string, path = '/v1/orders', address = nextAddress()): Promise<Answer> {
  return client.send(path, {
    headers: [
      ['x-api-key', key],
      ['x-forwarded-for', address],
    ],
  });
}

describe('a key', () => {
  it('WK1: made on the command line calls a route for keys, as its service account', async () => {
    const args = ['--tenant', 'quick', '--name', 'billing', '--permissions', 'orders:read', '--expires', '90d'];
    const made = await gate.operator('key', 'create', ...args);
    const { key, userId } = remembered(made);
    expect(key).toMatch(/^sg_live_[0-9A-Za-z]{20}_[0-9A-Za-z]{49}$/);
    const answer = await call(key);
    expect(answer.status).toBe(200);
    expect(answer.body['headers']).toMatchObject({
      'x-steadygate-user': userId,
      'x-steadygate-tenant': 'quick',
      'x-steadygate-role': 'key',
    });
    const write = await client.send('/v1/orders', { method: 'POST', headers: [['x-api-key', key]], body: {} });
    expect(write.status).toBe(403);
    const listed = await gate.operator('key', 'list', '--tenant', 'quick');
    expect(JSON.stringify(listed)).toContain('billing');
    expect(JSON.stringify(listed)).not.toContain(key.slice(29));
  });
});

describe('T24, WK1: what is no good key is answered like none', () => {
  const none = async (): Promise<Answer> => client.send('/v1/orders');
  const same = ({ status, body }: Answer): object => ({ status, code: body['code'], detail: body['detail'] });

  it('a wrong checksum, an unknown id, a wrong secret, another environment, another prefix', async () => {
    const { key } = await newKey();
    const secretless = `${key.slice(0, 29)}${OVER.slice(29)}`;
    const flipped = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
    const bad = [
      flipped,
      OVER,
      secretless,
      key.replace('live', 'test'),
      key.replace('sg_', 'xx_'),
      'x',
      key.slice(0, 40),
    ];
    const expected = same(await none());
    for (const presented of bad) expect(same(await call(presented))).toEqual(expected);
    expect((await call(key)).status).toBe(200);
  });

  it('T24: each costs the address an attempt, a good one none', async () => {
    const { key } = await newKey();
    const address = nextAddress();
    for (let asked = 0; asked < 12; asked += 1) expect((await call(key, '/v1/orders', address)).status).toBe(200);
    for (let asked = 0; asked < 10; asked += 1) expect((await call(OVER, '/v1/orders', address)).status).toBe(401);
    const refused = await call(OVER, '/v1/orders', address);
    expect(refused).toMatchObject({ status: 429, body: { limit: { name: 'credentials' } } });
  });

  it('revoked, expired, from an address that it is not for', async () => {
    const revoked = await newKey();
    expect((await call(revoked.key)).status).toBe(200);
    const over = await admin.send('DELETE', `/control/v1/keys/${revoked.id}`);
    expect(over).toMatchObject({ status: 200, body: { unconfirmed: [] } });
    expect((await call(revoked.key)).status).toBe(401);
    expect((await admin.send('DELETE', `/control/v1/keys/${revoked.id}`)).status).toBe(404);

    const bound = await newKey({ addresses: ['203.0.113.0/24', '2001:db8::/32'] });
    expect((await call(bound.key, '/v1/orders', '203.0.113.9')).status).toBe(200);
    expect((await call(bound.key)).status).toBe(401);
  });

  it('SS6: a test key where only live ones are taken', async () => {
    const { key } = await newKey({ environment: 'test' });
    expect(key).toMatch(/^sg_test_/);
    expect((await call(key)).status).toBe(200);
    expect((await call(key, '/live/orders')).status).toBe(401);
  });

  it('a key on a route for sessions, a session on one for keys', async () => {
    const { key } = await newKey({ permissions: ['*'] });
    for (const path of ['/orders', '/auth/session', '/auth/sessions', '/control/v1/keys', '/control/v1/users']) {
      expect((await call(key, path)).status).toBe(401);
    }
    expect((await admin.send('GET', '/v1/orders')).status).toBe(401);
    expect((await admin.send('GET', '/both/x')).status).toBe(200);
    expect((await call(key, '/both/x')).status).toBe(200);
    expect((await admin.send('GET', '/control/v1/usage')).status).toBe(401);
  });

  it('T20: two credentials are 400', async () => {
    const { key } = await newKey();
    const twice: [string, string][][] = [
      [
        ['x-api-key', key],
        ['authorization', `Bearer ${key}`],
      ],
      [
        ['x-api-key', key],
        ['cookie', admin.cookie()[1]],
      ],
      [
        ['authorization', `Bearer ${key}`],
        ['cookie', admin.cookie()[1]],
      ],
      [
        ['x-api-key', key],
        ['authorization', 'Basic eDp5'],
      ],
    ];
    for (const headers of twice) {
      for (const path of ['/v1/orders', '/both/x']) {
        expect(await client.send(path, { headers })).toMatchObject({
          status: 400,
          body: { code: 'credentials-ambiguous' },
        });
      }
    }
    expect(
      (
        await client.send('/v1/orders', {
          headers: [
            ['x-api-key', key],
            ['x-api-key', key],
          ],
        })
      ).status,
    ).toBe(400);
  });
});

describe('limits of keys', () => {
  it('WK2: the 11th request in a second is 429 and names the limit', async () => {
    const { key } = await newKey({ permissions: ['*'] }, stranger);
    const address = nextAddress();
    const answers = await Promise.all(Array.from({ length: 25 }, () => call(key, '/v1/orders', address)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.length - refused.length).toBeLessThan(25);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(10);
    expect(refused[0]).toMatchObject({ body: { code: 'rate-limited', limit: { name: 'key', rate: '10/s' } } });
    expect(refused[0]?.headers['retry-after']).toBe('1');
  });

  it("are a tenant's where it has its own, and a key's own below it", async () => {
    const quick = await newKey();
    const answers = await Promise.all(Array.from({ length: 25 }, () => call(quick.key)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const slow = await newKey({ limit: '1/m' });
    expect((await call(slow.key)).status).toBe(200);
    expect(await call(slow.key)).toMatchObject({ status: 429, body: { limit: { name: 'key', rate: '1/m' } } });
  });
});

describe('T2: a key stops at the gate', () => {
  it('goes upstream in no field, and stands in no log', async () => {
    const { key } = await newKey();
    const ways: [string, string][][] = [[['X-API-Key', key]], [['Authorization', `Bearer ${key}`]]];
    for (const headers of ways) {
      const answer = await client.send('/v1/orders', { headers });
      expect(answer.status).toBe(200);
      expect(JSON.stringify(answer.body)).not.toContain(key);
    }
    for (const headers of [...ways, [['X_API_KEY', key]] satisfies [string, string][]]) {
      const open = await client.send('/open/x', { headers });
      expect(open.status).toBe(200);
      expect(JSON.stringify(open.body)).not.toContain(key);
    }
    const foreign = await client.send('/open/x', { headers: [['x-api-key', 'theirs']] });
    expect(foreign.body['headers']).toMatchObject({ 'x-api-key': 'theirs' });
    await call(`${key}x`);
    expect(await client.leaks()).toEqual([]);
  });
});

describe('rotation', () => {
  const rotate = async (id: string, body: object): Promise<Answer> =>
    admin.send('POST', `/control/v1/keys/${id}/rotate`, body);

  it('WK1: both hold during the overlap, as the same service account (T10)', async () => {
    const old = await newKey();
    const made = await rotate(old.id, { overlapSeconds: 3600 });
    expect(made.status).toBe(201);
    const next = remembered(made.body);
    expect(next.userId).toBe(old.userId);
    for (const { key } of [old, next]) {
      expect((await call(key)).body['headers']).toMatchObject({ 'x-steadygate-user': old.userId });
    }
    expect((await rotate(old.id, {})).status).toBe(409);
  });

  it('an overlap of 0 ends the old key at once', async () => {
    const old = await newKey();
    expect((await call(old.key)).status).toBe(200);
    const next = remembered((await rotate(old.id, { overlapSeconds: 0 })).body);
    expect((await call(old.key)).status).toBe(401);
    expect((await call(next.key)).status).toBe(200);
  });

  it('a rotated key never outlives its own end', async () => {
    const old = await newKey({ expiresInSeconds: 60 });
    await rotate(old.id, { overlapSeconds: 86_400 });
    const { keys } = (await admin.send('GET', '/control/v1/keys?limit=200')).body;
    const shown = (Array.isArray(keys) ? keys : []).find((one: { id: string }) => one.id === old.id);
    expect(shown).toMatchObject({ state: 'rotated' });
    expect(shown.expiresAt - shown.createdAt).toBe(60_000);
  });
});

describe('tenants', () => {
  it("another tenant's ids are 404, same as missing", async () => {
    const { id, key } = await newKey();
    const missing = 'A'.repeat(20);
    const asked: [string, string, object?][] = [
      ['GET', '/usage'],
      ['POST', '/rotate', {}],
      ['DELETE', ''],
    ];
    for (const [method, rest, body] of asked) {
      const [theirs, none] = [
        await stranger.send(method, `/control/v1/keys/${id}${rest}`, body),
        await stranger.send(method, `/control/v1/keys/${missing}${rest}`, body),
      ];
      expect(theirs.status).toBe(404);
      expect({ ...theirs.body, requestId: '' }).toEqual({ ...none.body, requestId: '' });
    }
    expect((await call(key)).status).toBe(200);
    expect(JSON.stringify((await stranger.send('GET', '/control/v1/keys')).body)).not.toContain(id);
  });

  it('nobody makes a key that holds, or may do, more than they', async () => {
    const host = await client.logIn(await client.invite('issuer', '--tenant', 'quick'));
    const make = async (body: object): Promise<number> =>
      (await host.send('POST', '/control/v1/keys', { name: 'x', permissions: ['orders:read'], ...body })).status;
    expect(await make({})).toBe(201);
    for (const permissions of [
      ['*'],
      ['orders:*'],
      ['*:read'],
      ['orders:read', 'orders:write'],
      ['key:write', '*:*'],
    ]) {
      expect(await make({ permissions })).toBe(403);
    }
    expect(await make({ limit: '1001/s' })).toBe(403);
    for (const bad of [
      { permissions: ['config:read'] },
      { permissions: ['x'] },
      { addresses: ['10.0.0.1/8'] },
      { limit: 'fast' },
    ]) {
      expect(
        (await admin.send('POST', '/control/v1/keys', { name: 'x', permissions: ['orders:read'], ...bad })).status,
      ).toBe(400);
    }
    const broad = await newKey({ permissions: ['*'] });
    expect((await host.send('POST', `/control/v1/keys/${broad.id}/rotate`, {})).status).toBe(403);
  });
});

describe('WK17: usage', () => {
  it("a key's holder reads their own, an administrator their tenant's", async () => {
    const { id, key } = await newKey({ permissions: ['orders:read'] });
    await call(key);
    await call(key);
    await client.send('/v1/orders', { method: 'POST', headers: [['x-api-key', key]], body: {} });
    const own = await call(key, '/control/v1/usage');
    expect(own).toMatchObject({ status: 200, body: { keyId: id } });
    expect(own.body['usage']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ route: '/v1/**', verdict: 'allow', count: 2 }),
        expect.objectContaining({ route: '/v1/**', verdict: 'permission-denied', count: 1 }),
      ]),
    );
    expect((await admin.send('GET', `/control/v1/keys/${id}/usage`)).status).toBe(200);
    expect((await call(OVER, '/control/v1/usage')).status).toBe(401);
  });
});

describe('T25: reports of leaked keys', () => {
  const report = async (key: unknown): Promise<Answer> =>
    client.send('/control/v1/key-leaks', {
      method: 'POST',
      headers: [['x-forwarded-for', nextAddress()]],
      body: { key },
    });

  it('end a genuine key, need the whole of it, and always answer the same', async () => {
    const { key } = await newKey();
    for (const part of [key.slice(0, 29), key.slice(0, -6), OVER, 'nonsense', `${key.slice(0, 29)}${OVER.slice(29)}`]) {
      expect(await report(part)).toMatchObject({ status: 202, body: {} });
      expect((await call(key)).status).toBe(200);
    }
    expect(await report(key)).toMatchObject({ status: 202, body: {} });
    expect(await report(key)).toMatchObject({ status: 202, body: {} });
    expect((await call(key)).status).toBe(401);
    const audit = await admin.send('GET', '/control/v1/audit?limit=20');
    expect(JSON.stringify(audit.body)).toContain('leaked');
    expect(await client.leaks()).toEqual([]);
  });
});

describe('imported keys', () => {
  it('are known by their digest, and are sent as X-API-Key', async () => {
    const theirs = `wk-${'0123456789abcdef'.repeat(3)}`;
    const sha256 = createHash('sha256').update(theirs).digest('hex');
    const args = ['--tenant', 'quick', '--name', 'old', '--permissions', 'orders:read', '--sha256', sha256];
    expect((await call(theirs)).status).toBe(401);
    const { id } = await gate.operator('key', 'import', ...args);
    expect((await call(theirs)).status).toBe(200);
    expect((await client.send('/v1/orders', { headers: [['authorization', `Bearer ${theirs}`]] })).status).toBe(401);
    await gate.operator('key', 'revoke', text(id), '--tenant', 'quick');
    expect((await call(theirs)).status).toBe(401);
  });
});

describe('AU8: an open stream', () => {
  const ended = async (key: string, end: () => Promise<Answer>): Promise<boolean | undefined> => {
    const open = await fetch(`${gate.url}/events`, { headers: { 'x-api-key': key, accept: 'text/event-stream' } });
    expect(open.status).toBe(200);
    const reader = open.body?.getReader();
    await reader?.read();
    const over = reader?.read().then(
      ({ done }) => done,
      () => true,
    );
    const began = Date.now();
    await end();
    const isOver = await over;
    expect(Date.now() - began).toBeLessThan(5_000);
    return isOver;
  };

  it('ends with its key', async () => {
    const { id, key } = await newKey();
    expect(await ended(key, () => admin.send('DELETE', `/control/v1/keys/${id}`))).toBe(true);
  });

  it('ends when the overlap of a rotation is over', async () => {
    const { id, key } = await newKey();
    const rotate = () => admin.send('POST', `/control/v1/keys/${id}/rotate`, { overlapSeconds: 1 });
    expect(await ended(key, rotate)).toBe(true);
    expect((await call(key)).status).toBe(401);
  });
});

describe('WK2: quotas of a day', () => {
  const quotas = { plans: { free: { limit: '1000/s', keyPerDay: 20 } }, plan: 'free' };
  const configOf = (url: string): object =>
    echoConfig(url, {
      trustedProxies: ['127.0.0.1/32'],
      routes: [{ path: '/v1/**', upstream: 'app', access: 'key', permission }],
      keys: quotas,
      tenants: { default: { tenantPerDay: 30 } },
    });

  it('refuse a key, then its tenant, until midnight; they are told, survive a restart, and a rotation gives none anew', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sg-quota-'));
    const dataDir = join(folder, 'data');
    let limited = await startGate({ config: configOf(upstream.url), dataDir });
    const make = async (name: string): Promise<Key> =>
      remembered(await limited.operator('key', 'create', '--name', name, '--permissions', 'orders:*'));
    const [one, two] = [await make('one'), await make('two')];
    const ask = async (key: string, path = '/v1/x'): Promise<Answer> =>
      gateClient(limited).send(path, { headers: [['x-api-key', key]] });
    const first = await ask(one.key);
    expect(first.status).toBe(200);
    expect(String(first.headers['ratelimit'])).toMatch(/"key-day";r=19;t=\d+, "tenant-day";r=29;t=\d+/);
    for (let at = 1; at < 20; at += 1) expect((await ask(one.key)).status).toBe(200);
    const spent = await ask(one.key);
    expect(spent.status).toBe(429);
    expect(spent.body).toMatchObject({ code: 'quota-exceeded', limit: { name: 'key-day', rate: '20/1d' } });
    expect(Number(spent.headers['retry-after'])).toBeLessThanOrEqual(86_400);
    const { key: successor } = remembered(await limited.operator('key', 'rotate', one.id));
    expect((await ask(successor)).body['code']).toBe('quota-exceeded');
    for (let at = 0; at < 10; at += 1) expect((await ask(two.key)).status).toBe(200);
    expect((await ask(two.key)).body).toMatchObject({ limit: { name: 'tenant-day', rate: '30/1d' } });

    await limited.stop();
    limited = await startGate({ config: configOf(upstream.url), dataDir });
    expect((await ask(two.key)).body['code']).toBe('quota-exceeded');
    const usage = await ask(two.key, '/control/v1/usage');
    expect(usage.body['quota']).toEqual({
      key: { limit: 20, used: 10 },
      tenant: { limit: 30, used: 30 },
      resetsAt: expect.any(Number),
    });
    await limited.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
});

describe('SS6: unusual use', () => {
  it('of a key from another network raises an alert and is an entry', async () => {
    const { id, key } = await newKey();
    await call(key, '/v1/orders', '192.0.2.1');
    await call(key, '/v1/orders', '192.0.2.99');
    await call(key, '/v1/orders', '100.64.7.7');
    const told = () => gate.lines.filter((line) => line.includes('"key-unusual"') && line.includes(id));
    await until('the alert is raised', () => told().length > 0 || undefined);
    expect(told()).toHaveLength(1);
    expect(told()[0]).not.toContain('100.64.7');
    const { body } = await admin.send('GET', '/control/v1/audit?limit=200');
    expect(JSON.stringify(body)).toContain('key.unusual');
  });
});
