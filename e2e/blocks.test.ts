import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echoConfig, type EchoUpstream, startEchoUpstream } from './support/echo-upstream.ts';
import { type Answer, gateClient, type GateClient, type Person, text, type Tokens } from './support/gate-client.ts';
import { openSocket } from './support/gate-streams.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { until } from './support/until.ts';

const ATTACK = '?q=%27%20OR%201%3D1--';
const OFFICE = '203.0.113.';

const permission = { read: 'app:read', write: 'app:write' };
const folder = mkdtempSync(join(tmpdir(), 'sg-blocks-'));
let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;
let admin: Person;

const configOf = (more: object = {}): object =>
  echoConfig(upstream.url, {
    trustedProxies: ['127.0.0.1/32'],
    routes: [
      { path: '/ws', upstream: 'app', permission, websocket: true },
      { path: '/v1/**', upstream: 'app', access: 'key', permission, limits: 'off' },
      { path: '/open/**', upstream: 'app', access: 'public', limits: 'off' },
      { path: '/**', upstream: 'app', permission, limits: 'off' },
    ],
    guards: { waf: {} },
    blocks: { allow: [`${OFFICE}0/24`] },
    ...more,
  });

beforeAll(async () => {
  upstream = await startEchoUpstream();
  gate = await startGate({ config: configOf(), dataDir: join(folder, 'data') });
  client = gateClient(gate);
  admin = await client.logIn(await client.invite('admin'));
  client.inviteThrough(admin);
}, 60_000);

afterAll(async () => {
  await gate.stop();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

let addresses = 0;
const nextAddress = (): string => `198.51.100.${(addresses += 1)}`;

interface Who {
  readonly from?: string;
  readonly fields?: readonly (readonly [string, string])[];
}
const bearer = ({ token }: Tokens) => [['authorization', `Bearer ${token}`] as const];
const keyed = (key: string) => [['x-api-key', key] as const];

function ask(path: string, { from = '198.18.0.1', fields = [] }: Who = {}): Promise<Answer> {
  return client.send(path, { headers: [['x-forwarded-for', from], ...fields] });
}

async function violate(path: string, who: Who, count = 10): Promise<void> {
  for (let at = 0; at < count; at += 1) expect((await ask(path, who)).status, `${path} ${at}`).toBe(403);
}

async function newKey(by: Person = admin): Promise<{ id: string; key: string; userId: string }> {
  const { body } = await by.send('POST', '/control/v1/keys', { name: 'test', permissions: ['app:*'] });
  client.secrets.add(text(body['key']));
  return { id: text(body['id']), key: text(body['key']), userId: text(body['userId']) };
}

interface Listed {
  readonly id: string;
  readonly subject: string;
  readonly cause: string;
  readonly requestId: string;
}
async function blockOf(subject: string): Promise<Listed | undefined> {
  // The contract of the command.
  const { blocks } = (await gate.operator('block', 'list')) as unknown as { blocks: readonly Listed[] };
  return blocks.find((block) => block.subject === subject);
}

describe('WK3: ten violations within a minute', () => {
  it('block a key; it is explained, listed and lifted', async () => {
    const key = await newKey();
    const who = { fields: keyed(key.key) };
    await violate(`/v1/find${ATTACK}`, who, 9);
    expect((await ask('/v1/harmless', who)).status).toBe(200);
    await violate(`/v1/find${ATTACK}`, who, 1);
    const refused = await ask('/v1/harmless', who);
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({
      type: 'urn:steadygate:problem:blocked',
      title: expect.any(String),
      status: 403,
      code: 'blocked',
      requestId: expect.any(String),
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);

    const other = await newKey();
    expect((await ask('/v1/harmless', { fields: keyed(other.key) })).status).toBe(200);

    const block = await blockOf(key.id);
    expect(block?.cause).toMatch(/^waf: sql/);
    const { stdout } = await gate.cli('explain', text(refused.body['requestId']));
    expect(stdout).toContain('blocked key');
    expect(stdout).toContain(`steadygate block lift ${block?.id ?? ''}`);
    await gate.operator('block', 'lift', block?.id ?? '');
    expect((await ask('/v1/harmless', who)).status).toBe(200);
    const { body } = await admin.send('GET', '/control/v1/audit?limit=200');
    const told = JSON.stringify(body);
    expect(told).toContain('"block.placed"');
    expect(told).toContain('"block.lifted"');
  });

  it('block a user, whatever the address; one from the same address with another session is let in', async () => {
    const [bad, good] = [await client.newTokens('member'), await client.newTokens('member')];
    const from = nextAddress();
    await violate(`/find${ATTACK}`, { from, fields: bearer(bad) });
    expect((await ask('/harmless', { from, fields: bearer(bad) })).body['code']).toBe('blocked');
    expect((await ask('/harmless', { from: nextAddress(), fields: bearer(bad) })).body['code']).toBe('blocked');
    expect((await ask('/harmless', { from, fields: bearer(good) })).status).toBe(200);
    expect((await ask('/open/harmless', { from })).status).toBe(200);
  });

  it('block what an address sends without a credential, and T13: no good session from there', async () => {
    const from = nextAddress();
    await violate('/open/.env', { from });
    expect((await ask('/open/harmless', { from })).body['code']).toBe('blocked');
    expect((await ask('/harmless', { from })).body['code']).toBe('blocked');
    expect((await ask('/open/harmless', { from: nextAddress() })).status).toBe(200);
    expect((await ask('/harmless', { from, fields: bearer(await client.newTokens('member')) })).status).toBe(200);
    expect((await ask('/v1/harmless', { from, fields: keyed((await newKey()).key) })).status).toBe(200);
  });

  it('T13: nobody is kept from logging in by a neighbour’s block', async () => {
    const from = nextAddress();
    await violate('/open/.env', { from });
    const inviteCode = await client.invite('member');
    const headers = [['x-forwarded-for', from] as const];
    const answer = await client.send('/auth/login', {
      method: 'POST',
      headers,
      body: { inviteCode, tokenDelivery: 'body' },
    });
    expect(answer.status).toBe(200);
    expect((await ask('/health/live', { from })).status).toBe(200);
  });

  it('end open sockets of the caller', async () => {
    const bad = await client.newTokens('member');
    const socket = await openSocket(gate, { authorization: `Bearer ${bad.token}` });
    await violate('/.git/config', { fields: bearer(bad) });
    expect((await socket.closed).code).toBe(4003);
    await expect(openSocket(gate, { authorization: `Bearer ${bad.token}` })).rejects.toThrow('refused with 403');
  });

  it('are not forgotten by a restart', async () => {
    const from = nextAddress();
    const key = await newKey();
    await violate('/open/.env', { from });
    await violate(`/v1/find${ATTACK}`, { fields: keyed(key.key) });
    await until('the block is kept', () => blockOf(key.id));
    const before = gate;
    gate = await startGateAgain(before);
    client = gateClient(gate);
    expect((await ask('/v1/harmless', { fields: keyed(key.key) })).body['code']).toBe('blocked');
    expect((await ask('/open/harmless', { from })).body['code']).toBe('blocked');
    admin = await client.logIn(await client.invite('admin'));
    client.inviteThrough(admin);
  }, 60_000);
});

async function startGateAgain(before: RunningGate): Promise<RunningGate> {
  await before.stop();
  return startGate({ config: configOf(), dataDir: join(folder, 'data') });
}

describe('T13: blocks are no weapon', () => {
  it('an address that somebody only claims to have is not blocked; the one who claims is', async () => {
    const [victim, attacker] = [nextAddress(), nextAddress()];
    await violate('/open/.env', { from: `${victim}, ${attacker}` });
    expect((await ask('/open/harmless', { from: victim })).status).toBe(200);
    expect((await ask('/open/harmless', { from: attacker })).body['code']).toBe('blocked');
  });

  it('what another site makes a browser ask for blocks nobody', async () => {
    const from = nextAddress();
    const fields = [['sec-fetch-site', 'cross-site'] as const, ['sec-fetch-mode', 'no-cors'] as const];
    await violate('/open/.env', { from, fields }, 20);
    await violate(`/open/find${ATTACK}`, { from, fields }, 20);
    expect((await ask('/open/harmless', { from })).status).toBe(200);
  });

  it('somebody’s key id or token claims, without their secret, do not block them', async () => {
    const key = await newKey();
    const victim = await client.newTokens('member');
    const [head = '', payload = ''] = victim.token.split('.');
    const forgedKey = `${key.key.slice(0, -8)}AAAAAAAA`;
    for (const fields of [keyed(forgedKey), bearer({ ...victim, token: `${head}.${payload}.AAAA` })]) {
      for (let at = 0; at < 12; at += 1) {
        const answer = await ask(`/v1/.env${ATTACK}`, { from: '198.51.100.250', fields });
        expect(answer.status).toBe(403);
      }
    }
    expect((await ask('/v1/harmless', { fields: keyed(key.key) })).status).toBe(200);
    expect((await ask('/harmless', { fields: bearer(victim) })).status).toBe(200);
  });

  it('limits that were hit, and credentials that are over, are no violations', async () => {
    const from = nextAddress();
    const over = await client.newPerson('member');
    const cookie = over.cookie();
    await over.send('POST', '/auth/logout');
    for (let at = 0; at < 12; at += 1) expect((await ask('/harmless', { from, fields: [cookie] })).status).toBe(401);
    for (let at = 0; at < 12; at += 1) expect((await ask('/nowhere', { from })).status).toBe(401);
    expect((await ask('/open/harmless', { from })).status).toBe(200);
  });

  it('failed credentials of an address block the address only', async () => {
    const from = nextAddress();
    for (let at = 0; at < 10; at += 1) {
      expect((await ask('/harmless', { from, fields: bearer({ token: `forged.${at}.x` } as Tokens) })).status).toBe(
        401,
      );
    }
    expect((await ask('/open/harmless', { from })).body['code']).toBe('blocked');
    expect((await ask('/harmless', { from, fields: bearer(await client.newTokens('member')) })).status).toBe(200);
  });

  it('the allow list lifts blocks and nothing else', async () => {
    const from = `${OFFICE}9`;
    await violate('/open/.env', { from }, 15);
    expect((await ask('/open/harmless', { from })).status).toBe(200);
    expect((await ask(`/open/find${ATTACK}`, { from })).status).toBe(403);
    await gate.operator('block', 'create', '--address', from, '--for', '1h');
    expect((await ask('/open/harmless', { from })).status).toBe(200);
  });
});

describe('blocks by hand', () => {
  it('T15: a tenant’s administrator blocks and lifts within the tenant, and no address', async () => {
    await gate.operator('tenant', 'create', 'other');
    const stranger = await client.logIn(await client.invite('admin', '--tenant', 'other'));
    const key = await newKey();
    const made = await admin.send('POST', '/control/v1/blocks', { keyId: key.id, seconds: 60 });
    expect(made.status).toBe(201);
    expect((await ask('/v1/harmless', { fields: keyed(key.key) })).body['code']).toBe('blocked');
    const path = `/control/v1/blocks/${text(made.body['id'])}`;
    expect((await stranger.send('POST', '/control/v1/blocks', { keyId: key.id, seconds: 60 })).status).toBe(404);
    expect((await stranger.send('DELETE', path)).status).toBe(404);
    expect((await stranger.send('GET', '/control/v1/blocks')).body['blocks']).toEqual([]);
    for (const person of [admin, stranger]) {
      const body = { address: '198.51.100.77', seconds: 60 };
      expect((await person.send('POST', '/control/v1/address-blocks', body)).status).toBe(403);
      expect((await person.send('GET', '/control/v1/address-blocks')).status).toBe(403);
    }
    expect((await admin.send('DELETE', path)).status).toBe(204);
    expect((await ask('/v1/harmless', { fields: keyed(key.key) })).status).toBe(200);
  });

  it('T15: the platform blocks an address, of IPv6 its /64', async () => {
    const first = await client.logIn(await client.invite('admin', '--tenant', 'system'));
    const platform = client.personOf(await first.send('POST', '/auth/session', { tenant: 'system' }));
    const body = { address: '2001:db8:7:7::1', seconds: 60 };
    const made = await platform.send('POST', '/control/v1/address-blocks', body);
    expect(made.body).toMatchObject({ kind: 'address', subject: '2001:db8:7:7::/64', cause: 'made by hand' });
    expect((await ask('/open/x', { from: '2001:db8:7:7:9::9' })).body['code']).toBe('blocked');
    expect((await ask('/open/x', { from: '2001:db8:7:8::1' })).status).toBe(200);
    const listed = await platform.send('GET', '/control/v1/address-blocks');
    expect(JSON.stringify(listed.body)).toContain('2001:db8:7:7::/64');
    expect((await platform.send('DELETE', `/control/v1/address-blocks/${text(made.body['id'])}`)).status).toBe(204);
    expect((await ask('/open/x', { from: '2001:db8:7:7:9::9' })).status).toBe(200);
  });

  it('one’s own account is not blocked by oneself', async () => {
    const { status, body } = await admin.send('POST', '/control/v1/blocks', { userId: admin.userId, seconds: 60 });
    expect([status, body['code']]).toEqual([409, 'conflict']);
  });
});
