import { isIP } from 'node:net';
import type { BucketStore, StrikeCounter } from '@steadygate/core';
import { Redis, type RedisOptions } from 'iovalkey';
import type { Secret } from '../config/secret.ts';
import { CountersError, countersError } from './counters-error.ts';
import { redisBuckets, redisStrikes } from './redis.ts';

/** Longest pause between two attempts to connect. */
const PAUSE_MS_MAX = 2_000;
/** A quiet connection is asked this often, so that a lost server is known though nobody calls. */
const BEAT_MS = 1_000;

export interface RedisCountersOptions {
  /** `redis://` or `rediss://`, with user and password. */
  readonly url: Secret;
  readonly prefix: string;
  /** PEM certificates that TLS trusts instead of the system's. */
  readonly ca?: string;
  readonly connectTimeoutMs: number;
  readonly takeTimeoutMs: number;
  /** Hears once that the server was lost, and once that it is back. */
  readonly onLost: (failure: CountersError) => void;
  readonly onBack: () => void;
}

/** Counters on a server of their own. */
export interface RedisCounters {
  readonly buckets: BucketStore;
  readonly strikes: StrikeCounter;
  /** Why limits cannot be counted now; undefined while they can. */
  failure(): CountersError | undefined;
  close(): void;
}

/**
 * Connects, and stays connected: a server that comes back is used again without a restart.
 *
 * A server that is away at the start is awaited like one that was lost.
 *
 * @throws CountersError when it answers and refuses: user, password, certificate, rights
 */
export async function openRedisCounters(options: RedisCountersOptions): Promise<RedisCounters> {
  const client = new Redis(clientOptions(options));
  const watch = watching(client, options);
  const buckets = redisBuckets(client, options.prefix);
  const beat = setInterval(() => {
    // Its failure ends the connection, which is heard there.
    if (client.status === 'ready') client.ping().catch(countersError);
  }, BEAT_MS).unref();
  const close = (): void => {
    clearInterval(beat);
    watch.stop();
    client.disconnect();
  };
  try {
    await client.connect().catch(countersError);
    const failure = watch.failure() ?? (await openToAll(client)) ?? (await tryOut(buckets));
    if (failure?.isRefusal === true) throw failure;
  } catch (cause) {
    close();
    throw cause;
  }
  return { buckets, strikes: redisStrikes(client, options.prefix), failure: watch.failure, close };
}

/** SS5: a server that checks no password lets whoever reaches it lift every limit, though one is configured. */
async function openToAll(client: Redis): Promise<CountersError | undefined> {
  const { username, password } = client.options;
  if (typeof username === 'string' || typeof password !== 'string') return undefined;
  // The client itself goes on without, and says so on the console only.
  const isOpen = await client.auth(password).then(
    () => false,
    (cause: unknown) => cause instanceof Error && /password is set|without any password/.test(cause.message),
  );
  const message = 'Redis asks nobody for a password, though counters.url has one: set it there (requirepass).';
  return isOpen ? new CountersError(message, { isRefusal: true }) : undefined;
}

/** A take and its return need every right that counting needs. */
async function tryOut(buckets: BucketStore): Promise<CountersError | undefined> {
  const rate = { amount: 1_000, perMs: 1_000 };
  try {
    await buckets.take('start', rate, 0);
    await buckets.giveBack('start', rate, 0);
    return undefined;
  } catch (cause) {
    return countersError(cause);
  }
}

/** Tells outages from the connection's events: once when it is lost, whatever follows, and once when it stands again. */
function watching(client: Redis, { onLost, onBack }: RedisCountersOptions) {
  let lost: CountersError | undefined;
  let reason: unknown;
  const onClose = (): void => {
    const isNew = lost === undefined;
    lost = countersError(reason);
    if (isNew) onLost(lost);
  };
  client.on('error', (cause: unknown) => {
    reason = cause;
  });
  client.on('close', onClose);
  client.on('ready', () => {
    if (lost !== undefined) onBack();
    lost = undefined;
    reason = undefined;
  });
  return { failure: () => lost, stop: () => void client.off('close', onClose) };
}

function clientOptions(options: RedisCountersOptions): RedisOptions {
  const url = new URL(options.url.reveal());
  const { takeTimeoutMs, connectTimeoutMs, ca } = options;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const names = isIP(host) === 0 ? { servername: host } : {};
  const tls = { minVersion: 'TLSv1.2', ...names, ...(ca === undefined ? {} : { ca }) } as const;
  return {
    host,
    port: url.port === '' ? 6379 : Number(url.port),
    // Whichever the name has.
    family: 0,
    db: Number(url.pathname.slice(1)),
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' ? { tls } : {}),
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    commandTimeout: takeTimeoutMs,
    // A server that stopped answering: what was sent to it must not pile up.
    socketTimeout: takeTimeoutMs * 2,
    // Nothing waits for a lost server, and nothing is asked a second time: a take that was counted would be counted twice.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, PAUSE_MS_MAX),
    // A fail-over left us with a replica.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  };
}
