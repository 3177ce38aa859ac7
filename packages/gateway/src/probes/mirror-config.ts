import { randomBytes } from 'node:crypto';
import type { LoadedConfig } from '../config/parse-config.ts';
import type { Config } from '../config/schema.ts';
import type { ConfigUpstream } from '../config/schema-upstreams.ts';
import { Secret } from '../config/secret.ts';
import { probeApi, probeDocument } from './probe-document.ts';
import { ownershipUpstream } from '../config/to-policy.ts';

/** Names that a mirror adds to the configuration; they differ in each, so that none is anybody's. */
export interface MirrorNames {
  /** A plain route: `/…/**`. */
  readonly open: string;
  /** A plain route for API keys: `/…/**`. */
  readonly keyed: string;
  /** A plain route whose texts are judged with the limits that the configuration has for all. */
  readonly texts: string;
  /** A plain route whose contents are inspected as the configuration has it for all. */
  readonly inspected: string;
  /** A plain route that is judged by the OpenAPI document of the probes. */
  readonly described: string;
  /** A WebSocket route. */
  readonly socket: string;
  /** Objects that belong to their creators: `POST` creates, `GET` lists, `{id}` below. */
  readonly objects: string;
  /** A role that holds what these routes need. */
  readonly role: string;
  /** A header field that the gate adds on the way up, and its value. */
  readonly injected: { readonly name: string; readonly value: string };
  /** An address that is on the deny list. */
  readonly deniedAddress: string;
}

/** Fresh names. */
export function mirrorNames(): MirrorNames {
  const base = `/sg-probe-${randomBytes(6).toString('hex')}`;
  return {
    open: `${base}/open`,
    keyed: `${base}/keyed`,
    texts: `${base}/texts`,
    inspected: `${base}/inspected`,
    described: `${base}/described`,
    socket: `${base}/socket`,
    objects: `${base}/objects`,
    role: 'sg-prober',
    injected: { name: 'x-sg-probe-key', value: `probe-${randomBytes(18).toString('hex')}` },
    // RFC 5737: for documentation, nobody's.
    deniedAddress: '192.0.2.66',
  };
}

const PLAIN = 'sg-probe-plain';
const ISOLATED = 'sg-probe-objects';

/**
 * The configuration in force, with every upstream replaced by the sink, on a loopback port of its own, with keys of its own, and
 * with routes through which probes can exercise what all routes share.
 */
export function mirrorConfig(loaded: LoadedConfig, sinkUrl: string, names: MirrorNames): LoadedConfig {
  const { config } = loaded;
  const { addresses } = config.guards;
  const injectHeaders = { [names.injected.name]: new Secret(names.injected.value) };
  const sunk = Object.entries(config.upstreams).map(
    ([name, upstream]) => [name, sunkUpstream(sinkUrl, upstream.injectHeaders)] as const,
  );
  return {
    ...loaded,
    apis: new Map([...loaded.apis, probeApi(names)]),
    config: {
      ...config,
      listen: { ...config.listen, host: '127.0.0.1', port: 0, control: undefined },
      tls: undefined,
      // In its own folder, whatever the gate keeps state in.
      store: { ...config.store, kind: 'sqlite', url: undefined, password: undefined },
      // Budgets of its own: probes empty them on purpose.
      counters: { ...config.counters, kind: 'memory', url: undefined },
      // The probes stand behind a proxy that is theirs, so that they can call from different addresses.
      trustedProxies: [...config.trustedProxies, '127.0.0.1/32'],
      upstreams: {
        ...Object.fromEntries(sunk),
        [PLAIN]: sunkUpstream(sinkUrl, injectHeaders),
        [ISOLATED]: sunkUpstream(sinkUrl, {}),
      },
      routes: [...explicitRoutes(config), ...probeRoutes(names)],
      ownership: [...explicitOwnership(config), probeOwnership(names)],
      roles: {
        ...config.roles,
        [names.role]: { permissions: ['sg-probe:read', 'sg-probe:write'], invitePrefix: 'SB-PROBE-' },
      },
      guards: {
        ...config.guards,
        addresses: { ...addresses, deny: [...addresses.deny, `${names.deniedAddress}/32`] },
      },
      secrets: { ...config.secrets, keyEncryptionKey: new Secret(randomBytes(32).toString('hex')) },
    },
  };
}

/** One target, never checked or limited: what probes see must come from the guards. */
function sunkUpstream(url: string, injectHeaders: ConfigUpstream['injectHeaders']): ConfigUpstream {
  return { url, injectHeaders, balance: 'roundRobin', failureStatuses: [] };
}

/** With further upstreams, a route that names none would have no default any more. */
function explicitRoutes({ routes, upstreams }: Config): Config['routes'] {
  const [only, ...others] = Object.keys(upstreams);
  if (only === undefined || others.length > 0) return routes;
  return routes.map((route) => (route.deny ? route : { ...route, upstream: route.upstream ?? only }));
}

function explicitOwnership(config: Config): Config['ownership'] {
  return config.ownership.map((entry) => ({ ...entry, upstream: ownershipUpstream(entry, config) }));
}

function probeRoutes(names: MirrorNames): Config['routes'] {
  const common: Omit<Config['routes'][number], 'path' | 'upstream' | 'websocket'> = {
    access: 'session',
    permission: { read: 'sg-probe:read', write: 'sg-probe:write' },
    deny: false,
    bodyMax: 1024 * 1024,
    assertion: 'principal',
    // No document of the application describes them.
    guards: { schema: { mode: 'off' } },
  };
  return [
    { ...common, path: `${names.open}/**`, upstream: PLAIN, websocket: false },
    {
      ...common,
      path: `${names.keyed}/**`,
      access: 'key',
      keyEnvironments: ['live'],
      upstream: PLAIN,
      websocket: false,
    },
    {
      ...common,
      path: names.texts,
      upstream: PLAIN,
      websocket: false,
      guards: { ...common.guards, text: { mode: 'enforce', fields: ['body', 'query'], tenants: {} } },
    },
    {
      ...common,
      path: `${names.described}/**`,
      upstream: PLAIN,
      websocket: false,
      guards: { schema: probeDocument(names) },
    },
    {
      ...common,
      path: names.inspected,
      upstream: PLAIN,
      websocket: false,
      // Of inspection alone: other limits would refuse first.
      guards: { ...common.guards, text: { mode: 'off', fields: [], tenants: {} }, waf: { mode: 'enforce' } },
    },
    { ...common, path: names.socket, upstream: PLAIN, websocket: true },
    { ...common, path: `${names.objects}/**`, upstream: ISOLATED, websocket: false },
  ];
}

function probeOwnership({ objects }: MirrorNames): Config['ownership'][number] {
  return {
    resource: 'sg-probe-object',
    upstream: ISOLATED,
    idPattern: '[0-9a-f]{16}',
    creates: { [`POST ${objects}`]: '$.id' },
    guards: [`${objects}/{id}/**`],
    ids: {},
    lists: { [`GET ${objects}`]: ['$.items[*].id'] },
    deletes: [],
    events: [],
    messages: [],
    unowned: {},
  };
}
