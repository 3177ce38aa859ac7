import { type AnyOperation, OPERATIONS } from '@steadygate/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echoConfig, type EchoUpstream, startEchoUpstream } from './support/echo-upstream.ts';
import { type Answer, gateClient, type GateClient, type Person, text } from './support/gate-client.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { until } from './support/until.ts';

const MISSING = 'AAAAAAAAAAAAAAAAAAAAAA';

let upstream: EchoUpstream;
let gate: RunningGate;
let client: GateClient;
/** Administrators: of the tenant whose ids are tried, of another one, and of the platform. */
let owner: Person;
let stranger: Person;
let platform: Person;

beforeAll(async () => {
  upstream = await startEchoUpstream();
  gate = await startGate({ config: echoConfig(upstream.url) });
  client = gateClient(gate);
  await gate.operator('tenant', 'create', 'acme');
  owner = await client.logIn(await client.invite('admin'));
  stranger = await client.logIn(await client.invite('admin', '--tenant', 'acme'));
  const first = await client.logIn(await client.invite('admin', '--tenant', 'system'));
  platform = client.personOf(await first.send('POST', '/auth/session', { tenant: 'system' }));
}, 60_000);
afterAll(async () => {
  await gate.stop();
  await upstream.close();
});

async function newUser(): Promise<Person> {
  const { body } = await owner.send('POST', '/control/v1/invites', { role: 'viewer', uses: 1 });
  return client.logIn(text(body['invite']));
}

async function made(path: string, body: object, by = owner): Promise<string> {
  const answer = await by.send('POST', path, body);
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return text(answer.body['id']);
}

const newKey = (): Promise<string> => made('/control/v1/keys', { name: 'test', permissions: ['app:*'] });
const newInvite = async (): Promise<string> => {
  const { body } = await owner.send('POST', '/control/v1/invites', { role: 'viewer', uses: 1 });
  return text(body['id']);
};

/** What an operation with an id in its path is tried on: something that is there, and who may do it. */
interface Target {
  readonly id: () => Promise<string>;
  readonly by?: () => Person;
  /** What it takes besides. */
  readonly body?: object;
}

const aSession: Target = { id: async () => (await newUser()).sessionId };
const aKey: Target = { id: newKey };

const TARGETS: Readonly<Record<string, Target>> = {
  revokeSession: aSession,
  revokeOwnSession: { id: async () => owner.sessionId, by: () => owner },
  revokeInvite: { id: newInvite },
  rotateKey: { ...aKey, body: {} },
  revokeKey: aKey,
  getKeyUsage: aKey,
  disableUser: { id: async () => (await newUser()).userId },
  liftBlock: { id: async () => made('/control/v1/blocks', { keyId: await newKey(), seconds: 60 }) },
  liftAddressBlock: {
    id: () => made('/control/v1/address-blocks', { address: '203.0.113.9', seconds: 60 }, platform),
    by: () => platform,
  },
  explain: {
    id: async () => {
      const answer = await (await newUser()).send('GET', '/control/v1/keys?cursor=x');
      const requestId = text(answer.headers['x-request-id']);
      const path = `/control/v1/decisions/${requestId}`;
      await until('the decision is kept', async () => (await owner.send('GET', path)).status === 200 || undefined);
      return requestId;
    },
  },
};

const withIds = OPERATIONS.filter(({ path }) => path.includes('{'));

function ask(operation: AnyOperation, id: string, by: Person): Promise<Answer> {
  const path = operation.path.replace(/\{\w+\}/, id);
  return by.send(operation.method, path, TARGETS[operation.operationId]?.body);
}

/** All that can tell one refusal from another. */
function seen({ status, headers, body }: Answer): unknown {
  const { requestId: _, ...told } = body;
  const fields = Object.keys(headers).filter((name) => !/^(?:date|x-request-id|(?:x-)?ratelimit.*)$/.test(name));
  return { status, told, fields };
}

describe('ids of another tenant', () => {
  it('every operation with an id in its path is tried', () => {
    expect(Object.keys(TARGETS).toSorted()).toEqual(withIds.map(({ operationId }) => operationId).toSorted());
  });

  it.each(withIds)('$operationId: are as if they did not exist, and nothing happens to them', async (operation) => {
    const target = TARGETS[operation.operationId];
    const id = (await target?.id()) ?? '';
    expect(id).not.toBe('');
    const foreign = await ask(operation, id, stranger);
    const missing = await ask(operation, MISSING, stranger);
    expect(foreign.status).toBe(
      'public' in operation.access || operation.operationId === 'liftAddressBlock' ? 403 : 404,
    );
    expect(seen(foreign)).toEqual(seen(missing));
    // It was there all the time; ending one's own session comes last.
    if (operation.operationId === 'revokeOwnSession') return;
    expect((await ask(operation, id, target?.by?.() ?? owner)).status).toBe(operation.reply.status);
  });

  it.each([
    [
      'a key to block',
      '/control/v1/blocks',
      async () => ({ keyId: await newKey(), seconds: 60 }),
      { keyId: MISSING, seconds: 60 },
    ],
    [
      'a user to block',
      '/control/v1/blocks',
      async () => ({ userId: (await newUser()).userId, seconds: 60 }),
      { userId: MISSING, seconds: 60 },
    ],
    ['a tenant to switch to', '/auth/session', async () => ({ tenant: 'default' }), { tenant: 'nowhere' }],
  ] as const)('in a body are as if they did not exist: %s', async (_, path, foreign, missing) => {
    const refused = await stranger.send('POST', path, await foreign());
    expect(refused.status).toBe(404);
    expect(seen(refused)).toEqual(seen(await stranger.send('POST', path, missing)));
  });
});
