import { permissionsOf } from '../src/access.ts';
import type { Authentication, Authenticator, PresentedCredential } from '../src/authenticator.ts';
import { BlockBook } from '../src/blocks/block-book.ts';
import { BurstMeter } from '../src/bursts/burst-meter.ts';
import { decide } from '../src/decide.ts';
import type { Decision } from '../src/decision.ts';
import type { Guard, GuardContext } from '../src/guard.ts';
import type { BucketStore } from '../src/limits/bucket-store.ts';
import { gcraGiveBack, gcraTake } from '../src/limits/gcra.ts';
import type { GateTable } from '../src/policy/gate-table.ts';
import { compileGate } from '../src/policy/gate-table.ts';
import type { GuardDeps } from '../src/policy/guards-for.ts';
import type { Policy, RouteLimit, RoutePolicy } from '../src/policy/policy.ts';
import type { KeyCredential, Principal } from '../src/principal.ts';
import type { CanonicalRequest, RequestBody } from '../src/request.ts';

export const NOW = 1_795_000_000_000;

export const NO_CORS = { origins: [], credentials: false, allowHeaders: [], exposeHeaders: [], maxAgeSeconds: 600 };

export function route(changes: Partial<RoutePolicy> = {}): RoutePolicy {
  return {
    config: 'routes[0]',
    path: '/api/**',
    upstream: 'app',
    access: 'session',
    deny: false,
    permission: { read: 'chats:read', write: 'chats:write' },
    bodyBytesMax: 1_048_576,
    websocket: false,
    csrf: 'origin-or-token',
    guards: {},
    assertion: 'principal',
    ...changes,
  };
}

/** A route that anybody may use. */
export function publicRoute(changes: Partial<RoutePolicy> = {}): RoutePolicy {
  const { permission: _, ...open } = route({ access: 'public', ...changes });
  return open;
}

/** A path that nobody may use. */
export function deniedRoute(path: string, config = 'routes[9]'): RoutePolicy {
  const { upstream: _, ...denied } = publicRoute({ path, config, deny: true });
  return denied;
}

/** One of the gate's own routes. */
export function ownRoute(path: string, changes: Partial<RoutePolicy> = {}): RoutePolicy {
  const { upstream: _, ...own } = publicRoute({ path, config: `own ${path}`, csrf: 'origin', ...changes });
  return own;
}

export function limit(per: RouteLimit['per'], amount: number, changes: Partial<RouteLimit> = {}): RouteLimit {
  return { per, rate: { amount, perMs: 900_000 }, text: `${amount}/15m`, config: 'limits.general', ...changes };
}

export function policy(changes: Partial<Policy> = {}): Policy {
  return {
    environment: 'production',
    routes: [route()],
    ownership: [],
    roles: { admin: ['*'], viewer: ['*:read'] },
    screen: { allowAddresses: [], denyAddresses: [], sensitivePaths: [] },
    limits: {
      general: limit('principal', 300),
      credentials: limit('address', 10, { config: 'limits.credentials' }),
      refresh: limit('principal', 30, { config: 'limits.refresh' }),
      burst: { mode: 'off', windowMs: 10_000, factor: 10, atLeast: 100, max: undefined, config: 'limits.burst' },
    },
    cors: NO_CORS,
    origins: ['https://app.example.com'],
    egress: { contentSecurityPolicy: '', hstsMaxAgeSeconds: 0, permissionsPolicy: '' },
    keys: {
      prefix: 'sg_',
      environments: ['live'],
      limit: { per: 'principal', rate: { amount: 10, perMs: 1_000 }, text: '10/s', config: 'keys.defaultLimit' },
      tenantLimits: {},
      quotas: { tenants: {}, others: { key: undefined, tenant: undefined } },
    },
    blocks: {
      mode: 'enforce',
      violations: { rate: { amount: 10, perMs: 60_000 }, text: '10/1m' },
      stepsMs: [60_000, 300_000],
      forgetAfterMs: 86_400_000,
      allow: [],
      proxies: [],
    },
    ...changes,
  };
}

export function principal(
  changes: Partial<Omit<Principal, 'permissions'>> & { grants?: readonly string[] } = {},
): Principal {
  const { grants = ['chats:read', 'chats:write'], ...rest } = changes;
  const tenantId = rest.tenantId ?? 'default';
  return {
    userId: 'u1',
    tenantId,
    role: 'member',
    permissions: permissionsOf(grants, tenantId),
    credential: { kind: 'session', id: 's1', via: 'cookie', expiresAtMs: NOW + 600_000 },
    ...rest,
  };
}

export const viaBearer = { kind: 'session', id: 's1', via: 'bearer', expiresAtMs: NOW + 600_000 } as const;

/** A live key that may be used from anywhere, and has no end. */
export function keyPrincipal(
  credential: Partial<KeyCredential> = {},
  changes: Partial<Omit<Principal, 'permissions'>> = {},
): Principal {
  const key = { kind: 'key', id: 'k1', via: 'key', environment: 'live', addresses: [], limit: undefined } as const;
  return principal({ role: 'key', credential: { ...key, expiresAtMs: Infinity, ...credential }, ...changes });
}

export function request(changes: Partial<CanonicalRequest> = {}): CanonicalRequest {
  return {
    id: 'r1',
    method: 'GET',
    path: '/api/chats',
    query: '',
    host: 'app.example.com',
    scheme: 'https',
    headers: [],
    clientAddress: '198.51.100.7',
    peerAddress: '198.51.100.7',
    upgrade: undefined,
    bodyBytes: 0,
    ...changes,
  };
}

export const NO_BODY: RequestBody = {
  bytes: () => Promise.resolve(new Uint8Array()),
  json: () => Promise.resolve(undefined),
  text: () => Promise.resolve({ text: '', isUtf8: true }),
};

export function context(changes: Partial<GuardContext> & { readonly on?: RoutePolicy } = {}): GuardContext {
  const { on = route(), ...rest } = changes;
  const match = { route: { policy: on, guards: [] }, operation: undefined };
  return { request: request(), match, principal: undefined, body: NO_BODY, nowMs: NOW, ...rest };
}

/** Counts in memory, as a single process may. */
export function memoryBuckets(): BucketStore & { readonly keys: () => readonly string[] } {
  const tats = new Map<string, number>();
  return {
    keys: () => [...tats.keys()],
    take(key, rate, nowMs) {
      const { tatMs, taken } = gcraTake(tats.get(key), rate, nowMs);
      tats.set(key, tatMs);
      return taken;
    },
    giveBack(key, rate, nowMs) {
      tats.set(key, gcraGiveBack(tats.get(key), rate, nowMs));
    },
  };
}

/** The same behind promises, as over a network. */
export function remoteBuckets(): BucketStore {
  const buckets = memoryBuckets();
  return {
    take: (key, rate, nowMs) => Promise.resolve(buckets.take(key, rate, nowMs)),
    giveBack: (key, rate, nowMs) => Promise.resolve(buckets.giveBack(key, rate, nowMs)),
  };
}

/** Knows credentials by their text: `known` ones at once, `stored` ones after a look-up, `bad` ones as bad at once. */
export function fakeAuthenticator(who: Principal = principal()): Authenticator & { readonly lookups: () => number } {
  let lookups = 0;
  const text = (presented: PresentedCredential) => {
    if (presented.kind === 'key') return presented.key;
    return presented.kind === 'bearer' ? presented.token : (presented.access ?? '');
  };
  const good: Authentication = { kind: 'principal', principal: who };
  return {
    lookups: () => lookups,
    cached(presented) {
      if (text(presented) === 'bad') return { kind: 'refused', rule: 'known to be bad' };
      return text(presented) === 'known' ? good : undefined;
    },
    async authenticate(presented) {
      lookups += 1;
      await Promise.resolve();
      if (text(presented) === 'lost') throw new Error('the store is lost');
      if (text(presented) === 'renewed') return { ...good, answerHeaders: ['set-cookie', '__Host-token=new'] };
      return text(presented).startsWith('stored') ? good : { kind: 'refused', rule: 'bad signature' };
    },
    isCsrfToken: (sessionId, token) => token === `csrf-${sessionId}`,
  };
}

export function deps(changes: Partial<GuardDeps> = {}): GuardDeps {
  const owners = { ownerOf: () => undefined, ownedOf: () => new Set<string>() };
  const ports = { authenticator: fakeAuthenticator(), buckets: memoryBuckets(), owners };
  const quotas = { take: () => ({ spent: undefined, key: 1, tenant: 1 }) };
  return { ...ports, blocks: new BlockBook(), bursts: new BurstMeter(), quotas, ...changes };
}

/** A table that must compile. */
export function table(
  changes: Partial<Policy>,
  own: readonly RoutePolicy[] = [],
  ports: GuardDeps = deps(),
): GateTable {
  const compiled = compileGate(policy(changes), own, ports);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.table;
}

/** What the table's guards decide of a request; undefined when nothing is served there. */
export async function decideOn(gate: GateTable, asked: Partial<CanonicalRequest>): Promise<Decision | undefined> {
  const canonical = request(asked);
  const match = gate.match(canonical.method, canonical.path);
  if (match === undefined) return undefined;
  return decide(match.route.guards, { request: canonical, match, principal: undefined, body: NO_BODY, nowMs: NOW });
}

/** What one guard alone decides. */
export async function verdictOf(guard: Guard, ctx: GuardContext): Promise<Decision> {
  return decide([guard], ctx);
}
