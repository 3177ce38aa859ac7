import { readFileSync } from 'node:fs';
import {
  type Alert,
  type BucketStore,
  type Clock,
  type EventSink,
  parseAddress,
  parseRange,
  type Principal,
  rangeContains,
  type SessionAudience,
} from '@steadygate/core';
import { SessionAuthenticator } from '../auth/authenticator.ts';
import { cookieStyle } from '../auth/cookies.ts';
import type { InviteDesk } from '../auth/invite-desk.ts';
import { LiveSessions } from '../auth/live-sessions.ts';
import { mintAccess } from '../auth/mint-access.ts';
import { SignIn } from '../auth/sign-in.ts';
import type { GatewayConfig, TlsConfig } from '../config/gateway-config.ts';
import { accessTokens } from '../crypto/access-tokens.ts';
import { assertionSigner } from '../crypto/assertion-signer.ts';
import { csrfTokens } from '../crypto/csrf.ts';
import type { derivedKeys } from '../crypto/derived-keys.ts';
import { digestOf } from '../crypto/digest.ts';
import type { KeyRing } from '../crypto/key-ring.ts';
import { systemRandom } from '../crypto/random.ts';
import { controlPlane, type ControlPlaneDeps } from '../http/control-plane.ts';
import { createDataPlane, type DataPlane } from '../proxy/data-plane.ts';
import type { ControlHandler, RequestRecorder } from '../proxy/deps.ts';
import type { GateState } from '../proxy/generation.ts';
import type { Tracer } from '../proxy/tracing.ts';
import type { Runtime } from '../runtime.ts';
import type { Session } from '../store/session-lifecycle.ts';
import type { Store } from '../store/store.ts';
import { monotonicMs } from './base.ts';
import type { Counters } from './counters.ts';
import { credentialEndMs } from './ends.ts';

const LIVE_SESSIONS_MAX = 200_000;

/** What all listeners share. */
export interface SharedParts {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly keys: () => KeyRing;
  readonly reloadKeys: () => Promise<void>;
  readonly csrfKey: ReturnType<typeof derivedKeys>['csrf'];
  readonly environment: 'development' | 'production';
  readonly clock: Clock;
  readonly events: EventSink;
}

/** One listener's sessions: their tokens, cookies and caches. */
export type ListenerSessions = ReturnType<typeof listenerSessions>;

/** The sessions of one audience: tokens of another are refused, whichever way they come (T1). */
export function listenerSessions(
  { runtime, store, keys, reloadKeys, csrfKey, environment, events }: SharedParts,
  audience: SessionAudience,
) {
  const csrf = csrfTokens(csrfKey);
  const tokens = accessTokens(keys, `steadygate:${audience}`, systemRandom);
  const cookies = cookieStyle(environment, audience);
  const live = new LiveSessions({
    idleMs: () => runtime.config.sessions.idleMs,
    sizeMax: LIVE_SESSIONS_MAX,
    load: async (sessionId) => {
      const session = await store.sessions.byId(sessionId);
      return session?.endedAtMs === undefined && session?.audience === audience ? session : undefined;
    },
  });
  const accessTokenLifeMs = (): number => runtime.config.sessions.accessTokenLifeMs;
  const authenticator = new SessionAuthenticator({
    tokens,
    reloadKeys,
    csrf,
    digest: digestOf,
    sessions: live,
    wasIssued: (token) => store.sessions.wasIssued(token),
    sessionOfRefresh: async (token, nowMs) => {
      const renewal = await store.sessions.renew(token, { nowMs, audience, ...runtime.signIn() });
      if (renewal.kind === 'reused') events.alert(reuseAlert(renewal.session.id, undefined));
      return renewal.kind === 'held' ? renewal.session : undefined;
    },
    grantsOf: (role) => runtime.grantsOf(role),
    cookies,
    accessTokenLifeMs,
  });
  const mint = (session: Session, nowMs: number) => mintAccess({ tokens, lifeMs: accessTokenLifeMs() }, session, nowMs);
  return { audience, csrf, tokens, cookies, live, authenticator, mint };
}

/** What sign-in stands on beside its listener's sessions. */
export interface SignInParts {
  readonly desk: InviteDesk;
  readonly buckets: BucketStore;
  readonly events: EventSink;
}

/** Everything under the reserved paths, for one listener's sessions. */
export function listenerControl(
  sessions: ListenerSessions,
  { runtime, store }: SharedParts,
  rest: SignInParts & Omit<ControlPlaneDeps, 'store' | 'signIn' | 'csrf' | 'cookies' | 'mint'>,
): ControlHandler {
  const { desk, buckets, events } = rest;
  const signIn = new SignIn({
    audience: sessions.audience,
    sessions: store.sessions,
    redeem: (presented, moment) => desk.redeem(presented, moment),
    isShortCode: (secret) => desk.isShortCode(secret),
    buckets,
    settings: () => runtime.signIn(),
    csrf: sessions.csrf,
    onReuse: (sessionId, { request }) => events.alert(reuseAlert(sessionId, request.id)),
  });
  return controlPlane({ ...rest, ...sessions, store, signIn });
}

/** Two hold one session: one of them stole it (T19). */
function reuseAlert(sessionId: string, requestId: string | undefined): Alert {
  const message = `Session ${sessionId} ended: a spent refresh token came back.`;
  return { kind: 'refresh-reuse', requestId, message };
}

/** One listener's own parts. */
export interface PlaneParts {
  readonly sessions: ListenerSessions;
  readonly state: GateState;
  readonly control: ControlHandler;
  readonly counters: Counters;
  readonly events: EventSink;
  readonly recorder: RequestRecorder;
  readonly staleMs: () => number;
  readonly config: GatewayConfig;
  readonly isBlocked: (principal: Principal) => boolean;
  readonly tracer: Tracer | undefined;
}

/** The data plane of one listener. */
export function listenerPlane({ store, keys, clock }: SharedParts, parts: PlaneParts): DataPlane {
  const { sessions, state, control, counters, events, recorder, staleMs, config, isBlocked, tracer } = parts;
  return createDataPlane({
    state,
    clock,
    monotonicMs,
    random: systemRandom,
    events,
    recorder,
    owners: store.owners,
    ledger: store.owners,
    buckets: counters.buckets,
    assertions: assertionSigner(keys, systemRandom),
    control,
    staleMs,
    credentialEndMs: (principal) => credentialEndMs(store, principal),
    isBlocked,
    ...(tracer === undefined ? {} : { tracer }),
    onActivity: ({ credential }: Principal, nowMs) => void sessions.live.cached(credential.id, nowMs),
    requestHeadMs: config.timeouts.requestHeadMs,
    connectionLimits: { connectionsMax: config.listen.socketsMax },
    isTrustedPeer: trustedPeers(config.trustedProxies),
    ...(config.tls?.kind === 'files' ? { tls: readTls(config.tls) } : {}),
  });
}

function trustedPeers(ranges: readonly string[]): (address: string) => boolean {
  const parsed = ranges.map(parseRange).filter((range) => range !== undefined);
  return (text) => {
    const address = parseAddress(text);
    return address !== undefined && parsed.some((range) => rangeContains(range, address));
  };
}

function readTls({ certificateFile, keyFile }: Extract<TlsConfig, { kind: 'files' }>) {
  return { cert: readFileSync(certificateFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}
