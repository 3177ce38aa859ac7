import { randomBytes, randomUUID } from 'node:crypto';
import { postgresUrl, redisUrl } from './available.ts';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './echo-upstream.ts';
import { type GateClient, gateClient, type Person, text } from './gate-client.ts';
import { type GateOptions, type RunningGate, startGate } from './gate.ts';
import { type OwnDatabase, ownDatabase } from './own-database.ts';
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts';

const machinePostgres = await postgresUrl();
const machineRedis = await redisUrl();

/** Whether there are a PostgreSQL and a Redis to test against. */
export const hasServers = machinePostgres !== undefined && machineRedis !== undefined;

/** One of several gates. */
export interface Instance {
  readonly gate: RunningGate;
  readonly client: GateClient;
}

/** Several gates on one PostgreSQL database and one Redis prefix, in front of one application. */
export interface Cluster {
  readonly upstream: EchoUpstream;
  /** The one that isolates chats: below `/api`. */
  readonly chats: RecordingUpstream;
  readonly database: OwnDatabase;
  /** What the configuration names: for commands that find no server in their data directory. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts another gate; `databaseUrl` where it is to be reached another way. */
  start(
    options?: { readonly databaseUrl?: string; readonly redisUrl?: string } & Omit<GateOptions, 'config'>,
  ): Promise<Instance>;
  /** Stops every gate, and removes what they kept. */
  close(): Promise<void>;
}

/** What a key may call, and what a session. */
const ROUTES = [
  { path: '/ws', upstream: 'app', permission: { read: 'app:read', write: 'app:write' }, websocket: true },
  { path: '/open/**', upstream: 'app', access: 'public' },
  { path: '/v1/**', upstream: 'app', access: 'key', permission: { read: 'app:read', write: 'app:write' } },
  { path: '/api/**', upstream: 'chats', permission: { read: 'app:read', write: 'app:write' } },
  { path: '/**', upstream: 'app', permission: { read: 'app:read', write: 'app:write' } },
];

const OWNERSHIP = [
  {
    resource: 'chat',
    upstream: 'chats',
    idPattern: '[0-9a-f-]{36}',
    creates: { 'POST /api/chats': '$.id' },
    guards: ['/api/chats/{id}/**'],
  },
];

/** Servers of a test's own, instead of those of the machine. */
export interface OwnServers {
  readonly postgres?: string;
  readonly redis?: string;
}

/** Prepares it; `settings` replace top-level ones of the configuration. */
export async function cluster(
  settings: Readonly<Record<string, unknown>> = {},
  { postgres = machinePostgres, redis = machineRedis }: OwnServers = {},
): Promise<Cluster> {
  if (postgres === undefined || redis === undefined) throw new Error('these tests need PostgreSQL and Redis');
  const [upstream, chats, database] = await Promise.all([
    startEchoUpstream(),
    startRecordingUpstream(),
    ownDatabase(postgres),
  ]);
  const gates: RunningGate[] = [];
  const config = echoConfig(upstream.url, {
    upstreams: { app: { url: upstream.url }, chats: { url: chats.url } },
    routes: ROUTES,
    ownership: OWNERSHIP,
    store: { kind: 'postgres', url: '${DATABASE_URL}' },
    counters: { kind: 'redis', url: '${REDIS_URL}', prefix: `sg-test-${randomUUID()}:` },
    secrets: { keyEncryptionKey: '${KEK}' },
    ...settings,
  });
  const shared = { KEK: randomBytes(32).toString('base64'), DATABASE_URL: database.url, REDIS_URL: redis };
  return {
    env: shared,
    upstream,
    chats,
    database,
    async start({ databaseUrl = database.url, redisUrl: at = redis, ...options } = {}) {
      const env = { ...options.env, ...shared, DATABASE_URL: databaseUrl, REDIS_URL: at };
      const gate = await startGate({ config, ...options, env });
      gates.push(gate);
      return { gate, client: gateClient(gate) };
    },
    async close() {
      await Promise.all(gates.map((gate) => gate.stop()));
      await Promise.all([upstream.close(), chats.close(), database.drop()]);
    },
  };
}

/** The same person at another gate: cookies are good at all. */
export function at({ client }: Instance, { cookies, csrfToken, userId, sessionId }: Person): Person {
  return client.personOf({ cookies, body: { csrfToken, sessionId, user: { id: userId } } });
}

/** An API key that an administrator makes. */
export async function newKey(admin: Person): Promise<{ readonly id: string; readonly key: string }> {
  const made = await admin.send('POST', '/control/v1/keys', { name: 'test', permissions: ['app:*'] });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return { id: text(made.body['id']), key: text(made.body['key']) };
}
