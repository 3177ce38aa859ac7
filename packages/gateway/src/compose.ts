import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Clock,
  parseAddress,
  parseRange,
  type PolicyProblem,
  type Principal,
  rangeContains,
} from '@steadygate/core';
import { SessionAuthenticator } from './auth/authenticator.ts';
import { cookieStyle } from './auth/cookies.ts';
import { InviteDesk } from './auth/invite-desk.ts';
import { LiveSessions } from './auth/live-sessions.ts';
import { mintAccess } from './auth/mint-access.ts';
import { SignIn } from './auth/sign-in.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import type { LoadedConfig } from './config/parse-config.ts';
import { toGatewayConfig } from './config/to-gateway-config.ts';
import { toPolicy } from './config/to-policy.ts';
import { memoryBuckets } from './counters/memory.ts';
import { accessTokens } from './crypto/access-tokens.ts';
import { assertionSigner } from './crypto/assertion-signer.ts';
import { csrfTokens } from './crypto/csrf.ts';
import { derivedKeys } from './crypto/derived-keys.ts';
import { digestOf } from './crypto/digest.ts';
import { inviteSecrets } from './crypto/invite-secrets.ts';
import { loadKek } from './crypto/key-encryption-key.ts';
import { KeyError } from './crypto/key-error.ts';
import { type KeyRing, keyRing } from './crypto/key-ring.ts';
import { systemRandom } from './crypto/random.ts';
import { storeCrypto } from './crypto/store-crypto.ts';
import { newRequestId } from './decisions/request-id.ts';
import { DecisionFile } from './decisions/decision-file.ts';
import { eventSink } from './event-sink.ts';
import { controlPlane } from './http/control-plane.ts';
import { ownRoutes } from './http/own-routes.ts';
import { Housekeeping } from './jobs/housekeeping.ts';
import { createLogger, type Logger } from './log/logger.ts';
import { createDataPlane, type DataPlane } from './proxy/data-plane.ts';
import type { OpenedStore, OperatorDeps, OperatorSettings } from './operator/deps.ts';
import { publicOriginOf, Runtime } from './runtime.ts';
import { actAsSystem, type SystemActor, SYSTEM_TENANT } from './store/actor.ts';
import { inviteState } from './store/invites.ts';
import { openStore, type Store } from './store/store.ts';
import { inspectSqlite } from './store/sqlite-inspect.ts';
import { STORE_FILE } from './store/sqlite.ts';
import { StoreError } from './store/store-error.ts';
import { VERSION } from './version.ts';

/** Tokens of people's sessions. Another listener's sessions have an audience of their own (T1). */
const SESSION_AUDIENCE = 'steadygate:session';
const LIVE_SESSIONS_MAX = 200_000;
const CONSOLE_DIRECTORY = fileURLToPath(new URL('../../../apps/console/dist/', import.meta.url));

/** What a gate is made of. */
export interface GateOptions {
  readonly loaded: LoadedConfig;
  readonly dataDir: string;
  readonly logger: Logger;
  /** Of passes without findings, one in this many is kept for `explain`. */
  readonly passesKeptOneIn: number;
}

/** A gate that is put together and serves nothing yet. */
export interface Gate {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly desk: InviteDesk;
  readonly decisions: DecisionFile;
  readonly dataPlane: DataPlane;
  readonly clock: Clock;
  /** Puts a configuration in force; open streams are judged again. Problems: nothing changed. */
  reload(loaded: LoadedConfig): Promise<readonly PolicyProblem[]>;
  /** Finishes what runs, writes what waits, ends. */
  close(): Promise<void>;
}

/** The policy does not compile. */
export class PolicyError extends Error {
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    super('the configuration does not compile');
    this.name = 'PolicyError';
    this.problems = problems;
  }
}

/** The system's clock: the one place where time comes from. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** What exists without a server: enough for operator commands on a data directory that nobody serves. */
export interface Base {
  readonly store: Store;
  readonly desk: (settings: ConstructorParameters<typeof InviteDesk>[0]['settings']) => InviteDesk;
  readonly keys: ReturnType<typeof derivedKeys>;
}

/** Opens a data directory. @throws StoreError, KeyError */
export async function openBase(loaded: LoadedConfig, dataDir: string, logger: Logger): Promise<Base> {
  const { environment, secrets } = toGatewayConfig(loaded);
  const configured = secrets.keyEncryptionKey?.reveal();
  const kek = loadKek({ configured, environment, dataDir, random: systemRandom });
  const keys = derivedKeys(kek);
  const onListenerError = (cause: unknown): void => logger.error({ cause }, 'a listener of state events failed');
  const crypto = storeCrypto(kek, systemRandom);
  const store = await openStore({ dataDir, crypto, nowMs: systemClock.nowMs(), onListenerError });
  const codes = inviteSecrets(keys.invitePepper, systemRandom);
  return { store, keys, desk: (settings) => new InviteDesk({ invites: store.invites, secrets: codes, settings }) };
}

/** Puts everything together: the only place where adapters are constructed. @throws StoreError, KeyError, PolicyError */
export async function composeGate(options: GateOptions): Promise<Gate> {
  const base = await openBase(options.loaded, options.dataDir, options.logger);
  try {
    return await assemble(options, base);
  } catch (cause) {
    await base.store.close(systemClock.nowMs());
    throw cause;
  }
}

async function assemble(options: GateOptions, base: Base): Promise<Gate> {
  const { loaded, dataDir, logger } = options;
  const { store } = base;
  const { environment, decisions: keep, tls, trustedProxies } = toGatewayConfig(loaded);
  const buckets = memoryBuckets();
  const runtime = new Runtime(buckets);
  const desk = base.desk(() => runtime.invites());
  const keys = await liveKeys(store);
  const auth = sessionParts({ runtime, store, keys: keys.current, csrfKey: base.keys.csrf, environment });
  const decisions = new DecisionFile({
    directory: join(dataDir, 'decisions'),
    keepMs: keep.keepForMs,
    bytesMax: keep.bytesMax,
  });
  const events = eventSink({
    logger,
    file: decisions,
    denials: store.denials,
    passesKeptOneIn: options.passesKeptOneIn,
  });
  const guards = { authenticator: auth.authenticator, buckets, owners: store.owners };
  const take = (next: LoadedConfig): readonly PolicyProblem[] => runtime.take(next, { guards, ownRoutes: ownRoutes() });
  const problems = take(loaded);
  if (problems.length > 0) throw new PolicyError(problems);

  let isDraining = false;
  const signIn = new SignIn({
    sessions: store.sessions,
    redeem: (presented, moment) => desk.redeem(presented, moment),
    isShortCode: (secret) => desk.isShortCode(secret),
    buckets,
    settings: () => runtime.signIn(),
    csrf: auth.csrf,
    onReuse: (sessionId, { request }) =>
      events.alert({
        kind: 'refresh-reuse',
        requestId: request.id,
        message: `Session ${sessionId} ended: a spent refresh token came back.`,
      }),
  });
  const control = controlPlane({
    ...auth,
    signIn,
    desk,
    store,
    inviteState,
    actIn,
    grantsOf: (role) => runtime.grantsOf(role),
    publicOrigin: () => runtime.publicOrigin(),
    findDecision: (requestId) => decisions.find(requestId),
    jwks: (nowMs) => keys.current().jwks(nowMs),
    isReady: () => !isDraining && store.failure() === undefined,
    consoleDirectory: CONSOLE_DIRECTORY,
    version: VERSION,
    reportBug: (cause, requestId) => logger.error({ cause, requestId }, 'a bug in the control plane'),
  });
  const dataPlane = createDataPlane({
    state: runtime,
    clock: systemClock,
    random: systemRandom,
    events,
    owners: store.owners,
    ledger: store.owners,
    buckets,
    assertions: assertionSigner(keys.current, systemRandom),
    control,
    onActivity: (principal: Principal, nowMs) => void auth.live.cached(principal.credential.id, nowMs),
    isTrustedPeer: trustedPeers(trustedProxies),
    ...(tls?.kind === 'files' ? { tls: readTls(tls) } : {}),
  });
  const housekeeping = new Housekeeping({
    nowMs: () => systemClock.nowMs(),
    decisions,
    denials: store.denials,
    sessions: store.sessions,
    live: auth.live,
    idleMs: () => runtime.config.sessions.idleMs,
    onError: (job, cause) => logger.error({ cause, job }, 'a recurring job failed'),
  });
  store.events.subscribe(({ kind, subject }) => {
    if (kind === 'session.ended') {
      auth.live.revoke(subject, systemClock.nowMs());
      dataPlane.streams.closeSession(subject);
    }
    if (kind === 'user.disabled') dataPlane.streams.closeUser(subject);
    if (kind === 'key.rotated') void keys.reload();
  });

  return {
    runtime,
    store,
    desk,
    decisions,
    dataPlane,
    clock: systemClock,
    async reload(next) {
      const found = take(next);
      if (found.length > 0) return found;
      auth.authenticator.rolesChanged();
      await dataPlane.reauthorise(runtime.current());
      return [];
    },
    async close() {
      isDraining = true;
      await dataPlane.drain();
      await housekeeping.stop();
      await store.close(systemClock.nowMs());
    },
  };
}

interface SessionPartsInput {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly keys: () => KeyRing;
  readonly csrfKey: ReturnType<typeof derivedKeys>['csrf'];
  readonly environment: 'development' | 'production';
}

function sessionParts({ runtime, store, keys, csrfKey, environment }: SessionPartsInput) {
  const csrf = csrfTokens(csrfKey);
  const tokens = accessTokens(keys, SESSION_AUDIENCE, systemRandom);
  const cookies = cookieStyle(environment);
  const live = new LiveSessions({
    idleMs: () => runtime.config.sessions.idleMs,
    sizeMax: LIVE_SESSIONS_MAX,
    load: async (sessionId) => {
      const session = await store.sessions.byId(sessionId);
      return session?.endedAtMs === undefined ? session : undefined;
    },
  });
  const accessTokenLifeMs = (): number => runtime.config.sessions.accessTokenLifeMs;
  const authenticator = new SessionAuthenticator({
    tokens,
    csrf,
    digest: digestOf,
    sessions: live,
    sessionOfRefresh: (token, nowMs) => store.sessions.resolve(token, { nowMs, ...runtime.signIn() }),
    grantsOf: (role) => runtime.grantsOf(role),
    cookies,
    accessTokenLifeMs,
  });
  const mint = (session: Parameters<typeof mintAccess>[1], nowMs: number) =>
    mintAccess({ tokens, lifeMs: accessTokenLifeMs() }, session, nowMs);
  return { csrf, tokens, cookies, live, authenticator, mint };
}

/** The key ring of the moment: a rotation swaps it. */
async function liveKeys(store: Store): Promise<{ current: () => KeyRing; reload: () => Promise<void> }> {
  const by = { actor: actAsSystem('gate', SYSTEM_TENANT), nowMs: systemClock.nowMs() };
  await store.signingKeys.ensure(by);
  const load = async (): Promise<KeyRing> => keyRing(await store.signingKeys.load(systemClock.nowMs()));
  let ring = await load();
  return {
    current: () => ring,
    reload: async () => {
      ring = await load();
    },
  };
}

function trustedPeers(ranges: readonly string[]): (address: string) => boolean {
  const parsed = ranges.map(parseRange).filter((range) => range !== undefined);
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && parsed.some((range) => rangeContains(range, address));
  };
}

function readTls({ certificateFile, keyFile }: { certificateFile: string; keyFile: string }) {
  return { cert: readFileSync(certificateFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

/** The gate itself acting in a tenant. */
export function actIn(tenantId: string): SystemActor {
  return actAsSystem('gate', tenantId);
}

/** Opens a data directory that no server uses, for one operator command. @throws StoreError, KeyError */
export async function openOffline(dataDir: string, loaded: LoadedConfig): Promise<OpenedStore | 'in-use'> {
  const config = toGatewayConfig(loaded);
  const logger = createLogger({ level: 'error', destination: process.stderr });
  const base = await openBase(loaded, dataDir, logger).catch(ignoreInUse);
  if (base === 'in-use') return base;
  const decisions = new DecisionFile({ directory: join(dataDir, 'decisions') });
  const publicUrl = publicOriginOf(toPolicy(loaded.config), config);
  const { invites, sessions, roles } = config;
  const desk = base.desk(() => ({ length: invites.length, sessionLifeMs: sessions.absoluteMs, roles }));
  const deps = operatorDeps({
    store: base.store,
    desk,
    decisions,
    settings: () => ({ config, publicUrl }),
    posture: undefined,
  });
  return { deps, close: () => base.store.close(systemClock.nowMs()) };
}

function ignoreInUse(cause: unknown): 'in-use' {
  if (cause instanceof StoreError && cause.code === 'in-use') return 'in-use';
  throw cause;
}

/** What operator commands work with, in a running server or on the store alone. */
export function operatorDeps(parts: OperatorParts): OperatorDeps {
  const { store, desk, decisions, posture } = parts;
  return {
    store,
    desk,
    posture,
    actor: (tenantId) => actAsSystem('cli', tenantId),
    inviteState,
    findDecision: (id) => decisions.find(id),
    settings: () => operatorSettings(parts.settings()),
    clock: systemClock,
    newRequestId: () => newRequestId(systemRandom, systemClock.nowMs()),
    failureText,
  };
}

export interface OperatorParts extends Pick<OperatorDeps, 'store' | 'desk' | 'posture'> {
  readonly decisions: DecisionFile;
  /** Read at each use: a reload may change it. */
  readonly settings: () => { readonly config: GatewayConfig; readonly publicUrl: string };
}

function operatorSettings({ config, publicUrl }: { config: GatewayConfig; publicUrl: string }): OperatorSettings {
  return {
    roles: Object.keys(config.roles),
    inviteLifeMs: config.invites.lifeMs,
    inviteUses: config.invites.uses,
    keyOverlapMs: config.sessions.accessTokenLifeMs,
    publicUrl,
  };
}

/** Whether a store was ever made in a data directory. */
export function storeExists(dataDir: string): boolean {
  return existsSync(join(dataDir, STORE_FILE));
}

/** Looks whether a store is sound, without changing it. @throws StoreError */
export function inspectStore(dataDir: string): void {
  inspectSqlite(join(dataDir, STORE_FILE));
}

/** What an operator may read of a failure of store or keys; undefined for a bug. */
export function failureText(cause: unknown): string | undefined {
  return cause instanceof StoreError || cause instanceof KeyError ? cause.message : undefined;
}
