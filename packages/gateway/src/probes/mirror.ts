import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { authority } from '../config/address.ts';
import { withListen } from '../config/overrides.ts';
import { ownAddress } from '../config/own-address.ts';
import type { LoadedConfig } from '../config/parse-config.ts';
import type { composeGate, Gate, actIn as actInTenant } from '../compose.ts';
import { createLogger } from '../log/logger.ts';
import { listen } from '../start/listen.ts';
import { addressesFor } from './mirror-addresses.ts';
import { mirrorConfig, type MirrorNames, mirrorNames } from './mirror-config.ts';
import { jsonOf, probeClient, type ProbeClient, type ProbeHeaders, textOf, withHeaders } from './http-client.ts';
import { openSink, type Sink } from './sink.ts';

const INVITE_MS = 60_000;

/** A session on the mirror: worth nothing anywhere else, and gone with it. */
export interface ProbeSession {
  readonly token: string;
  readonly refreshToken: string;
  readonly csrfToken: string;
  readonly sessionId: string;
  readonly userId: string;
  readonly role: string;
  readonly expiresAtMs: number;
  /** Sends the token as bearer. */
  readonly bearer: ProbeClient;
  /** Sends the session's cookies, as a browser would. */
  readonly cookies: ProbeClient;
  readonly bearerHeaders: ProbeHeaders;
  readonly cookieHeaders: ProbeHeaders;
}

/**
 * A second gate, composed like the one that people use, from its configuration, and thrown away after the probes.
 *
 * Store, sessions, owners, budgets and keys are its own; its upstreams are a sink. So probes are exempt from no guard, and
 * nothing they do is anybody's (T23).
 */
export interface Mirror {
  readonly gate: Gate;
  /** Where everything is that it keeps. */
  readonly dataDir: string;
  readonly names: MirrorNames;
  readonly sink: Sink;
  /** The origin that pages of this gate have. */
  readonly origin: string;
  /** Without a credential. */
  readonly client: ProbeClient;
  /** The same from an address that no other probe has used. */
  fresh(): ProbeClient;
  /** The same from another network; undefined where the address lists leave none. */
  elsewhere(): ProbeClient | undefined;
  /** The same from a given address. */
  from(address: string): ProbeClient;
  invite(role: string): Promise<string>;
  signIn(role: string): Promise<ProbeSession>;
  /** Opens a WebSocket; `closed` resolves with the code of its end. */
  openSocket(session: ProbeSession): Promise<{ readonly closed: Promise<number>; close(): void }>;
  readonly actIn: typeof actInTenant;
  /** What the mirror logs while `during` runs. */
  logged(during: () => Promise<unknown>): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** How a mirror is put together. */
export interface MirrorOptions {
  readonly loaded: LoadedConfig;
  readonly compose: typeof composeGate;
  readonly actIn: typeof actInTenant;
}

/** Opens a mirror of a configuration. */
export async function openMirror(options: MirrorOptions): Promise<Mirror> {
  const names = mirrorNames();
  const sink = await openSink();
  const dataDir = await mkdtemp(join(tmpdir(), 'sg-mirror-'));
  const cleanUp = async (): Promise<void> => {
    await sink.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    return await assemble(options, { names, sink, dataDir, cleanUp });
  } catch (cause) {
    await cleanUp();
    throw cause;
  }
}

interface Parts {
  readonly names: MirrorNames;
  readonly sink: Sink;
  readonly dataDir: string;
  readonly cleanUp: () => Promise<void>;
}

async function assemble({ loaded, compose, actIn }: MirrorOptions, parts: Parts): Promise<Mirror> {
  const { names, sink, dataDir, cleanUp } = parts;
  const log = recorder();
  const logger = createLogger({ level: 'info', destination: log });
  const mirrored = mirrorConfig(loaded, sink.url, names);
  const gate = await compose({ loaded: mirrored, dataDir, logger, passesKeptOneIn: 1 });
  const bound = await listen(gate.dataPlane.server, { host: '127.0.0.1', port: 0 });
  if ('failure' in bound) throw new Error(bound.failure);
  await gate.reload(withListen(mirrored, bound));

  const { environment } = gate.runtime.config;
  const own = ownAddress(gate.runtime.loaded.config.listen, environment);
  const host = own.hosts[0] ?? authority(bound);
  const isHttps = environment === 'production';
  const addresses = addressesFor(gate.runtime.loaded.config.guards.addresses);
  const base = { host, ...(isHttps ? { 'x-forwarded-proto': 'https' } : {}), ...forwardedFor(addresses.usual) };
  const client = probeClient({ url: new URL(`http://${authority(bound)}`), headers: base });
  const from = (address: string): ProbeClient => withHeaders(client, { 'x-forwarded-for': address });
  const context = { gate, client, environment, actIn };
  return {
    gate,
    dataDir,
    names,
    sink,
    origin: own.origins[0] ?? `${isHttps ? 'https' : 'http'}://${host}`,
    client,
    from,
    fresh: () => from(addresses.next()),
    elsewhere: () => (addresses.elsewhere === undefined ? undefined : from(addresses.elsewhere)),
    invite: (role) => invite(context, role),
    signIn: (role) => signIn(context, role),
    openSocket: (session) =>
      openSocket(`ws://${authority(bound)}${names.socket}`, { ...base, ...session.bearerHeaders }),
    actIn,
    logged: log.during,
    async close() {
      client.close();
      await gate.close();
      await cleanUp();
    },
  };
}

/** Takes log lines, and keeps them only while somebody wants to read them. */
function recorder() {
  let lines: string[] | undefined;
  return {
    write: (line: string): void => void lines?.push(line),
    during: async (work: () => Promise<unknown>): Promise<readonly string[]> => {
      const mine: string[] = [];
      lines = mine;
      await work();
      lines = undefined;
      return mine;
    },
  };
}

function forwardedFor(address: string | undefined): ProbeHeaders {
  return address === undefined ? {} : { 'x-forwarded-for': address };
}

interface SignInContext {
  readonly gate: Gate;
  readonly client: ProbeClient;
  readonly environment: 'development' | 'production';
  readonly actIn: typeof actInTenant;
}

async function invite({ gate, actIn }: SignInContext, role: string): Promise<string> {
  const nowMs = gate.clock.nowMs();
  const order = { role, uses: 1, expiresAtMs: nowMs + INVITE_MS };
  return (await gate.desk.issue(order, { actor: actIn('default'), nowMs })).code;
}

async function signIn(context: SignInContext, role: string): Promise<ProbeSession> {
  const inviteCode = await invite(context, role);
  const answer = await context.client.send({
    method: 'POST',
    path: '/auth/login',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inviteCode, tokenDelivery: 'body' }),
  });
  if (answer.status !== 200) throw new Error(`the mirror answered its own log-in with ${answer.status}`);
  // Our own contract's answer to a log-in.
  const body = jsonOf(answer) as { user: { id: string }; expiresAt: number };
  const token = textOf(answer, 'token');
  const refreshToken = textOf(answer, 'refreshToken');
  const prefix = context.environment === 'production' ? '__Host-' : '';
  const bearerHeaders = { authorization: `Bearer ${token}` };
  const cookieHeaders = { cookie: `${prefix}token=${token}; ${prefix}refresh=${refreshToken}` };
  return {
    token,
    refreshToken,
    csrfToken: textOf(answer, 'csrfToken'),
    sessionId: textOf(answer, 'sessionId'),
    userId: body.user.id,
    role,
    expiresAtMs: body.expiresAt,
    bearer: withHeaders(context.client, bearerHeaders),
    cookies: withHeaders(context.client, cookieHeaders),
    bearerHeaders,
    cookieHeaders,
  };
}

async function openSocket(
  url: string,
  headers: ProbeHeaders,
): Promise<{ readonly closed: Promise<number>; close(): void }> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false, handshakeTimeout: 4_000 });
  const closed = new Promise<number>((resolve) => void socket.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_request, answer) => reject(new Error(`answered ${answer.statusCode ?? 0}`)));
    socket.on('error', reject);
  });
  return { closed, close: () => socket.terminate() };
}
