import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compileGate, createScrubber, permissionsOf } from '@steadygate/core';
import type {
  Alert,
  Authenticator,
  DecisionRecord,
  Ledger,
  ObjectName,
  OwnershipPolicy,
  Owners,
  Policy,
  Principal,
  RoutePolicy,
} from '@steadygate/core';
import { memoryBuckets } from '../src/counters/memory.ts';
import { systemRandom } from '../src/crypto/random.ts';
import { canonicalOptions } from '../src/proxy/canonical-options.ts';
import { createDataPlane } from '../src/proxy/data-plane.ts';
import type { DataPlane } from '../src/proxy/data-plane.ts';
import type { ControlHandler, DataPlaneDeps } from '../src/proxy/deps.ts';
import { egressOf } from '../src/proxy/egress.ts';
import type { Generation } from '../src/proxy/generation.ts';
import type { UpstreamSettings } from '../src/upstreams/upstreams.ts';
import { GENEROUS, GENEROUS_LIMITS, NO_BLOCKS, NO_QUOTAS, nobodyBlocked } from './quiet-policy.ts';
import { poolOf, type RigUpstreams, rigUpstreams } from './rig-upstreams.ts';

/** Ids of the resource that the rig's ownership knows. */
export const CHAT = { alice: 'c-0001', bob: 'c-0002', free: 'c-0009' } as const;

export const ROLES = { admin: ['*'], member: ['chats:*', 'app:*'], viewer: ['*:read'] } as const;

/** What a test changes of the rig's configuration. */
export interface RigOptions {
  readonly routes?: readonly Partial<RoutePolicy>[];
  readonly ownership?: readonly Partial<OwnershipPolicy>[];
  readonly environment?: 'development' | 'production';
  readonly scrub?: readonly string[];
  readonly timeouts?: Partial<Generation['timeouts']>;
  readonly upstreamUrl?: string;
  readonly upstream?: Partial<UpstreamSettings>;
  readonly inject?: readonly string[];
  readonly deps?: Partial<DataPlaneDeps>;
  readonly connectionsMax?: number;
  readonly control?: ControlHandler;
  readonly roles?: Policy['roles'];
  readonly trustedProxies?: readonly string[];
}

/** A data plane over real sockets, with doubles for sessions and the store. */
export interface Rig {
  readonly plane: DataPlane;
  readonly port: number;
  readonly url: string;
  readonly upstreamPort: number;
  readonly records: DecisionRecord[];
  readonly alerts: Alert[];
  readonly pools: RigUpstreams;
  readonly store: MemoryOwners;
  reload(options: RigOptions): Promise<void>;
  close(): Promise<void>;
}

const ROUTE: RoutePolicy = {
  config: 'routes[0]',
  path: '/**',
  upstream: 'app',
  access: 'public',
  deny: false,
  bodyBytesMax: 1024 * 1024,
  websocket: false,
  csrf: 'origin-or-token',
  guards: {},
  limits: [],
  assertion: 'principal',
};

const OWNERSHIP: OwnershipPolicy = {
  config: 'ownership[0]',
  upstream: 'app',
  resource: 'chat',
  idPattern: 'c-[0-9]{4}',
  creates: {},
  guards: [],
  ids: {},
  lists: {},
  deletes: [],
  events: [],
  messages: [],
  unowned: {},
};

const CALLERS: Pick<DataPlaneDeps, 'assertions' | 'credentialEndMs'> = {
  assertions: { headersFor: toldOf },
  credentialEndMs: async () => Number.POSITIVE_INFINITY,
};

function toldOf({ principal, request }: Parameters<DataPlaneDeps['assertions']['headersFor']>[0]): readonly string[] {
  return ['x-steadygate-user', principal.userId, 'x-steadygate-request-id', request.id];
}

/** Starts a gate in front of an upstream. */
export async function startRig(
  upstream: ((request: IncomingMessage, response: ServerResponse) => void) | Server,
  options: RigOptions = {},
): Promise<Rig> {
  const server = typeof upstream === 'function' ? createServer(upstream) : upstream;
  const upstreamPort = await listen(server);
  const store = new MemoryOwners();
  const records: DecisionRecord[] = [];
  const alerts: Alert[] = [];
  const pools = rigUpstreams(options.connectionsMax);
  let generation = generationOf(options, { store, pools, upstreamPort, number: 1 });
  const plane = createDataPlane({
    state: { current: () => generation },
    clock: { nowMs: () => Date.now() },
    random: systemRandom,
    events: { decided: (record) => void records.push(record), alert: (alert) => void alerts.push(alert) },
    owners: store,
    ledger: store,
    buckets: memoryBuckets(),
    control: options.control ?? ((_incoming, response) => void response.end('own')),
    ...CALLERS,
    ...options.deps,
  });
  const port = await listen(plane.server);
  return {
    plane,
    port,
    url: `http://127.0.0.1:${port}`,
    upstreamPort,
    records,
    alerts,
    pools,
    store,
    async reload(next) {
      const before = generation;
      generation = generationOf({ ...options, ...next }, { store, pools, upstreamPort, number: before.number + 1 });
      await plane.reauthorise(generation);
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await plane.drain();
      pools.upstreams.close();
    },
  };
}

function generationOf(
  options: RigOptions,
  rig: Pick<Rig, 'store' | 'pools' | 'upstreamPort'> & { readonly number: number },
): Generation {
  const policy = policyOf(options);
  const compiled = compileGate(policy, [OWN_ROUTE, LOGIN_ROUTE], {
    authenticator: AUTHENTICATOR,
    buckets: memoryBuckets(),
    owners: rig.store,
    ...nobodyBlocked(),
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const url = options.upstreamUrl ?? `http://127.0.0.1:${rig.upstreamPort}`;
  const pool = poolOf(rig.pools.upstreams, { targets: [{ url, weight: 1 }], ...options.upstream });
  const timeouts = { connectMs: 1000, headersMs: 2000, bodyIdleMs: 2000, requestBodyMs: 2000, drainMs: 2000 };
  const isolated = policy.ownership.length > 0;
  return {
    number: rig.number,
    table: compiled.table,
    canonical: canonicalOptions({
      headersBytesMax: 16_384,
      trustedProxies: options.trustedProxies ?? [],
      allowedHosts: [],
    }),
    upstreams: new Map([['app', { name: 'app', pool: pool, inject: options.inject ?? [], isolated }]]),
    scrubber: options.scrub === undefined ? undefined : createScrubber(options.scrub),
    ...egressOf(policy.egress),
    roles: policy.roles,
    messageLimit: policy.limits.general,
    timeouts: { ...timeouts, ...options.timeouts },
    environment: policy.environment,
    hasControlOrigin: false,
  };
}

function policyOf(options: RigOptions): Policy {
  const cors = { origins: [], credentials: false, allowHeaders: [], exposeHeaders: [], maxAgeSeconds: 0 };
  return {
    environment: options.environment ?? 'development',
    routes: (options.routes ?? [{}]).map((route, at) => ({ ...ROUTE, config: `routes[${at}]`, ...route })),
    ownership: (options.ownership ?? []).map((entry) => ({ ...OWNERSHIP, ...entry })),
    roles: options.roles ?? ROLES,
    screen: { allowAddresses: [], denyAddresses: [], sensitivePaths: [] },
    limits: GENEROUS_LIMITS,
    blocks: NO_BLOCKS,
    cors,
    origins: [],
    egress: { contentSecurityPolicy: "default-src 'self'", hstsMaxAgeSeconds: 60, permissionsPolicy: 'camera=()' },
    keys: { prefix: 'sg_', environments: ['live'], limit: GENEROUS, tenantLimits: {}, quotas: NO_QUOTAS },
  };
}

const { upstream: _, ...OWN } = ROUTE;
const OWN_ROUTE: RoutePolicy = { ...OWN, config: 'own', path: '/health/live', csrf: 'token' };
const LOGIN_ROUTE: RoutePolicy = { ...OWN, config: 'own', path: '/auth/login', csrf: 'origin' };

/** Tokens are `user` or `user:role`; the session is called like the token. */
export const AUTHENTICATOR: Authenticator = {
  cached: () => undefined,
  authenticate(presented) {
    if (presented.kind === 'key') return { kind: 'refused', rule: 'no keys here' };
    const token = presented.kind === 'bearer' ? presented.token : (presented.access ?? '');
    const [userId = '', role = 'member'] = token.split('.');
    if (!/^[a-z]+$/.test(userId)) return { kind: 'refused', rule: 'unknown' };
    return {
      kind: 'principal',
      principal: principalOf(userId, role, presented.kind === 'bearer' ? 'bearer' : 'cookie'),
    };
  },
  isCsrfToken: (_sessionId, token) => token === 'csrf',
};

function principalOf(userId: string, role: string, via: 'bearer' | 'cookie'): Principal {
  const grants: readonly string[] = (ROLES as Readonly<Record<string, readonly string[]>>)[role] ?? [];
  return {
    userId,
    tenantId: 'default',
    role,
    permissions: permissionsOf(grants, 'default'),
    credential: { kind: 'session', id: `s-${userId}`, via, expiresAtMs: Date.now() + 3_600_000 },
  };
}

/** Owners and ledger in memory: a double of the store's port. */
export class MemoryOwners implements Owners, Ledger {
  readonly owners = new Map<string, string>([
    [`default/app/chat/${CHAT.alice}`, 'alice'],
    [`default/app/chat/${CHAT.bob}`, 'bob'],
  ]);
  readonly orphans: string[] = [];
  isLost = false;

  ownerOf(object: ObjectName): string | undefined {
    const owner = this.owners.get(keyOf(object));
    return owner === '' ? undefined : owner;
  }

  ownedOf(
    scope: Omit<ObjectName, 'objectId'> & { ownerId: string },
    objectIds: readonly string[],
  ): ReadonlySet<string> {
    return new Set(objectIds.filter((objectId) => this.ownerOf({ ...scope, objectId }) === scope.ownerId));
  }

  async claim(object: ObjectName, ownerId: string): Promise<'claimed' | 'conflict'> {
    if (this.isLost) throw new Error('the store is lost');
    const owner = this.owners.get(keyOf(object));
    if (owner !== undefined && owner !== ownerId) return 'conflict';
    this.owners.set(keyOf(object), ownerId);
    return 'claimed';
  }

  async release(object: ObjectName): Promise<void> {
    if (this.isLost) throw new Error('the store is lost');
    // A tombstone: owned by nobody, and not free.
    this.owners.set(keyOf(object), '');
  }

  async orphan(object: ObjectName): Promise<void> {
    this.orphans.push(object.objectId);
  }
}

function keyOf({ tenantId, upstream, resource, objectId }: ObjectName): string {
  return `${tenantId}/${upstream}/${resource}/${objectId}`;
}

/** Listens on a free loopback port. */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      // Bound to a TCP port, so the address is one.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Waits until a condition holds; fails loudly when it never does. */
export async function until(condition: () => boolean, limitMs = 5000): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error(`Never came true: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
