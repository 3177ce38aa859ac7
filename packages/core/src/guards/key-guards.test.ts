import { describe, expect, it } from 'vitest';
import {
  decideOn,
  deps,
  fakeAuthenticator,
  keyPrincipal,
  memoryBuckets,
  ownRoute,
  policy,
  remoteBuckets,
  route,
  table,
} from '../../test/fixtures.ts';
import { firstHeader } from '../header-list.ts';
import { parseRange } from '../net/address.ts';
import type { Policy, RouteAccess, RoutePolicy } from '../policy/policy.ts';
import type { Principal } from '../principal.ts';

const KEY = ['x-api-key', 'known'];
const SESSION = ['authorization', 'Bearer known'];

function gate(who: Principal, changes: Partial<RoutePolicy> = {}, more: Partial<Policy> = {}) {
  const ports = deps({ authenticator: fakeAuthenticator(who), buckets: memoryBuckets() });
  return table({ routes: [route({ access: 'key', ...changes })], ...more }, [], ports);
}

function range(text: string) {
  const parsed = parseRange(text);
  if (parsed === undefined) throw new Error(`${text} is no range`);
  return parsed;
}

describe('keys on routes', () => {
  it.each<[RouteAccess, readonly string[], boolean]>([
    ['key', KEY, true],
    ['any', KEY, true],
    ['session', KEY, false],
    ['session', SESSION, true],
    ['any', SESSION, true],
    ['key', SESSION, false],
    ['key', ['cookie', '__Host-token=known'], false],
    ['key', [], false],
  ])('WK1: access %s with %j: %s', async (access, headers, passes) => {
    const who = headers === KEY ? keyPrincipal() : undefined;
    const ports = deps({ authenticator: fakeAuthenticator(who) });
    const decision = await decideOn(table({ routes: [route({ access })] }, [], ports), { headers });
    expect(decision?.denial?.code).toBe(passes ? undefined : 'credential-required');
  });

  it('answers a key on a session route exactly like no credential', async () => {
    const on = table({ routes: [route()] });
    const [none, key] = [await decideOn(on, {}), await decideOn(on, { headers: KEY })];
    expect(key?.denial).toEqual(none?.denial);
    expect(key?.answerHeaders).toEqual(none?.answerHeaders);
  });

  it('need no CSRF token: no browser adds them by itself', async () => {
    const decision = await decideOn(gate(keyPrincipal()), { method: 'POST', headers: KEY });
    expect(decision?.outcome).toBe('allow');
  });

  it.each([
    ['live', ['live'], undefined, true],
    ['test', ['live'], undefined, false],
    ['test', ['live', 'test'], undefined, true],
    ['test', ['live'], ['test'], true],
    ['live', ['live'], ['test'], false],
  ] as const)(
    'SS6: a %s key where the gate takes %j and the route %j: %s',
    async (environment, gates, routes, passes) => {
      const { keys } = policy();
      const changes = routes === undefined ? {} : { keyEnvironments: routes };
      const on = gate(keyPrincipal({ environment }), changes, { keys: { ...keys, environments: gates } });
      expect((await decideOn(on, { headers: KEY }))?.outcome).toBe(passes ? 'allow' : 'deny');
    },
  );

  it.each([
    ['198.51.100.7', true],
    ['198.51.101.7', false],
    ['2001:db8::1', true],
    ['2001:db9::1', false],
    ['not an address', false],
  ])('a key for some addresses is refused from others: %s: %s', async (clientAddress, passes) => {
    const addresses = [range('198.51.100.0/24'), range('2001:db8::/32')];
    const decision = await decideOn(gate(keyPrincipal({ addresses })), { headers: KEY, clientAddress });
    expect(decision?.denial?.code).toBe(passes ? undefined : 'credential-required');
  });

  it('says no role that would let a key do more: its permissions are its own', async () => {
    const who = keyPrincipal();
    const on = gate(who, { permission: { read: 'orders:read', write: 'orders:write' } });
    const decision = await decideOn(on, { headers: KEY });
    expect(decision?.findings).toEqual([
      { guard: 'permission', rule: 'needs orders:read', config: 'routes[0].permission' },
    ]);
  });
});

async function passesOf(on: ReturnType<typeof gate>, headers: readonly string[], count: number): Promise<number> {
  let passed = 0;
  for (let asked = 0; asked < count; asked += 1) {
    if ((await decideOn(on, { headers }))?.outcome === 'allow') passed += 1;
  }
  return passed;
}

describe('the limit of keys', () => {
  const { keys } = policy();
  const fast = { ...keys.limit, rate: { amount: 20, perMs: 1_000 }, text: '20/s', config: 'keys.tenantLimits.default' };

  it('WK2: is 10 a second *instead* of that of sessions, and names itself', async () => {
    const on = gate(keyPrincipal());
    expect(await passesOf(on, KEY, 10)).toBe(10);
    const refused = await decideOn(on, { headers: KEY });
    expect(refused?.denial).toMatchObject({
      guard: 'limit.key',
      facts: { limit: { name: 'key', rate: '10/s' }, retryAfterSeconds: 1 },
    });
    expect(firstHeader(refused?.answerHeaders ?? [], 'ratelimit-policy')).toBe('"key";q=10;w=1');
  });

  it('does not count sessions where a route takes both', async () => {
    const on = table({ routes: [route({ access: 'any' })] });
    expect(await passesOf(on, SESSION, 12)).toBe(12);
    expect(await passesOf(gate(keyPrincipal(), { access: 'any' }), KEY, 12)).toBe(10);
  });

  it.each([
    ["the tenant's", keyPrincipal(), { ...keys, tenantLimits: { default: fast } }],
    ["the key's own", keyPrincipal({ limit: fast }), keys],
    [
      "the key's own before the tenant's",
      keyPrincipal({ limit: fast }),
      { ...keys, tenantLimits: { default: keys.limit } },
    ],
  ])('is %s where there is one', async (_, who, own) => {
    expect(await passesOf(gate(who, {}, { keys: own }), KEY, 25)).toBe(20);
  });

  it('is nothing that a tenant by the name of a built-in property lacks', async () => {
    expect(await passesOf(gate(keyPrincipal({}, { tenantId: 'constructor' })), KEY, 12)).toBe(10);
  });

  it("is replaced by a route's own limits", async () => {
    const limits = [{ ...keys.limit, rate: { amount: 3, perMs: 1_000 }, text: '3/s' }];
    expect(await passesOf(gate(keyPrincipal(), { limits }), KEY, 12)).toBe(3);
    expect(await passesOf(gate(keyPrincipal(), { limits: [] }), KEY, 12)).toBe(12);
  });

  it('holds over a store far away', async () => {
    const ports = deps({ authenticator: fakeAuthenticator(keyPrincipal()), buckets: remoteBuckets() });
    expect(await passesOf(table({ routes: [route({ access: 'key' })] }, [], ports), KEY, 12)).toBe(10);
  });

  it('shares its budget between a key and its successor', async () => {
    const buckets = memoryBuckets();
    const gates = ['k1', 'k2'].map((id) => {
      const ports = deps({ authenticator: fakeAuthenticator(keyPrincipal({ id })), buckets });
      return table({ routes: [route({ access: 'key' })] }, [], ports);
    });
    let passed = 0;
    for (const one of gates) passed += await passesOf(one, KEY, 10);
    expect(passed).toBe(10);
  });

  it('is no guard of routes that take no keys', () => {
    const on = table({ routes: [route()] }, [ownRoute('/health/live')]);
    expect(on.rows().flatMap(({ guards }) => guards)).not.toContain('limit.key');
  });
});
