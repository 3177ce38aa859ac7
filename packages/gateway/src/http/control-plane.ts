import type { FastifyInstance } from 'fastify';
import type { CsrfTokens } from '../auth/access-tokens.ts';
import type { CookieStyle } from '../auth/cookies.ts';
import type { BlockDesk } from '../blocks/block-desk.ts';
import type { InviteDesk } from '../auth/invite-desk.ts';
import type { MintedToken } from '../auth/mint-access.ts';
import type { SignIn } from '../auth/sign-in.ts';
import type { ExplanationView } from '../decisions/explanation.ts';
import type { Collector } from '../metrics/metric.ts';
import type { Unconfirmed } from '../feed/confirmations.ts';
import type { ControlHandler } from '../proxy/deps.ts';
import type { Actor } from '../store/actor.ts';
import type { Invite } from '../store/invites.ts';
import type { Session } from '../store/session-lifecycle.ts';
import type { Store } from '../store/store.ts';
import type { UpstreamView } from '../upstreams/view.ts';
import { controlHandler, createControlApp, type ReportBug } from './app.ts';
import { auditRoutes } from './audit.ts';
import { authRoutes } from './auth.ts';
import { blockRoutes } from './blocks.ts';
import { consoleRoutes } from './console.ts';
import { decisionRoutes } from './decisions.ts';
import { inviteRoutes } from './invites.ts';
import { keyRoutes, type KeyRouteDeps } from './keys.ts';
import { loginPage } from './login-page.ts';
import { metricsRoutes } from './metrics.ts';
import { ownerRoutes } from './owners.ts';
import { postureRoutes, type PostureView } from './posture.ts';
import { SessionViewer } from './session-view.ts';
import { sessionRoutes } from './sessions.ts';
import { systemRoutes } from './system.ts';
import { upstreamRoutes } from './upstreams.ts';
import { userRoutes } from './users.ts';

export interface ControlPlaneDeps {
  readonly store: Store;
  readonly signIn: SignIn;
  readonly desk: InviteDesk;
  readonly blockDesk: Pick<BlockDesk, 'make' | 'lift' | 'list'>;
  readonly keyParts: Omit<KeyRouteDeps, 'keys' | 'usage' | 'unconfirmed'>;
  /** Who has not confirmed what was changed until now (T11). */
  readonly unconfirmed: Unconfirmed;
  readonly csrf: CsrfTokens;
  readonly cookies: CookieStyle;
  readonly mint: (session: Session, nowMs: number) => MintedToken;
  readonly inviteState: (invite: Invite, nowMs: number) => 'open' | 'used' | 'expired' | 'revoked';
  /** The gate itself acting in a tenant. */
  readonly actIn: (tenantId: string) => Actor;
  readonly grantsOf: (role: string) => readonly string[] | undefined;
  readonly publicOrigin: () => string;
  readonly findDecision: (requestId: string) => Promise<ExplanationView | undefined>;
  /** Runs every probe now. */
  readonly posture: (() => Promise<PostureView>) | undefined;
  readonly upstreams: () => readonly UpstreamView[];
  /** Every metric, as it is now. */
  readonly metrics: Collector;
  readonly jwks: (nowMs: number) => unknown;
  readonly isReady: () => boolean;
  readonly consoleDirectory: string;
  readonly version: string;
  readonly reportBug: ReportBug;
}

/** Everything under the reserved paths, ready to be handed requests by the data plane. */
export function controlPlane(deps: ControlPlaneDeps): ControlHandler {
  const app = createControlApp(deps.reportBug);
  mountAll(app, deps);
  // Registration is synchronous here; `ready` only compiles it, before the first request can come.
  const ready = app.ready();
  const handle = controlHandler(app);
  return async (raw, answer, own) => {
    await ready;
    return handle(raw, answer, own);
  };
}

function mountAll(app: FastifyInstance, deps: ControlPlaneDeps): void {
  const { store } = deps;
  const viewer = new SessionViewer({
    users: store.users,
    csrf: deps.csrf,
    grantsOf: deps.grantsOf,
    actIn: deps.actIn,
    sessionById: (sessionId) => store.sessions.byId(sessionId),
  });
  authRoutes(app, { ...deps, viewer, sessions: store.sessions });
  loginPage(app);
  sessionRoutes(app, store.sessions, deps.unconfirmed);
  inviteRoutes(app, {
    desk: deps.desk,
    invites: store.invites,
    stateOf: deps.inviteState,
    linkOf: (secret) => `${deps.publicOrigin()}/auth/login#invite=${secret}`,
  });
  keyRoutes(app, { ...deps.keyParts, keys: store.apiKeys, usage: store.keyUsage, unconfirmed: deps.unconfirmed });
  blockRoutes(app, deps.blockDesk);
  userRoutes(app, store.users, deps.unconfirmed);
  ownerRoutes(app, store.owners);
  auditRoutes(app, store.audit);
  decisionRoutes(app, deps.findDecision);
  postureRoutes(app, deps.posture);
  upstreamRoutes(app, deps.upstreams);
  metricsRoutes(app, deps.metrics);
  consoleRoutes(app, deps.consoleDirectory);
  systemRoutes(app, deps);
}
