import { getSession, login, logout, refresh, switchTenant } from '@steadygate/contract';
import { cameThroughProxy, firstHeader, type HeaderList, presentedCredential, ProblemError } from '@steadygate/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { clearedCookies, type CookieStyle, tokenCookies } from '../auth/cookies.ts';
import { type MintedToken } from '../auth/mint-access.ts';
import type { Moment, SignIn } from '../auth/sign-in.ts';
import type { ControlContext } from '../proxy/deps.ts';
import type { Session, StartedSession } from '../store/session-lifecycle.ts';
import type { Sessions } from '../store/sessions.ts';
import { by } from './by.ts';
import { mount, mountPublic } from './mount.ts';
import type { SessionViewer } from './session-view.ts';

export interface AuthRouteDeps {
  readonly signIn: SignIn;
  readonly sessions: Pick<Sessions, 'endOwn' | 'switchTenant'>;
  readonly viewer: SessionViewer;
  readonly cookies: CookieStyle;
  readonly mint: (session: Session, nowMs: number) => MintedToken;
}

/** Log-in, refresh, log-out, who am I, change of tenant. */
export function authRoutes(app: FastifyInstance, deps: AuthRouteDeps): void {
  const { signIn, sessions, viewer, cookies } = deps;

  mountPublic(app, login, async ({ body, own, reply }) => {
    const delivery = deliveryOf(body.tokenDelivery, own, cookies);
    const presented =
      'loginLink' in body ? { secret: body.loginLink, name: undefined } : { secret: body.inviteCode, name: body.name };
    const started = await signIn.login(presented, momentOf(own));
    return deliver(deps, { started, delivery, nowMs: own.nowMs }, reply);
  });

  mountPublic(app, refresh, async ({ body, own, reply }) => {
    const given = body?.refreshToken;
    const delivery = deliveryOf(given === undefined ? 'cookie' : 'body', own, cookies);
    const csrfToken = given === undefined ? (firstHeader(own.request.headers, 'x-csrf-token') ?? null) : undefined;
    const started = await signIn.refresh(presentedRefresh(given, own, cookies), csrfToken, momentOf(own));
    return deliver(deps, { started, delivery, nowMs: own.nowMs }, reply);
  });

  mount(app, logout, async ({ access, principal, own, reply }) => {
    await signIn.meterFamily(principal.credential.id, own.nowMs);

    await sessions.endOwn(principal.credential.id, by(access, own), 'logout');
    addHeaders(reply, clearedCookies(cookies));
    return undefined;
  });

  mount(app, getSession, async ({ access, principal, own }) => viewer.ofPrincipal(access, principal, own.nowMs));

  mount(app, switchTenant, async ({ access, principal, body, own, reply }) => {
    const delivery = deliveryOf(principal.credential.via === 'bearer' ? 'body' : 'cookie', own, cookies);
    await signIn.meterFamily(principal.credential.id, own.nowMs);

    const started = await sessions.switchTenant(body.tenant, by(access, own));
    if (started === undefined) throw new ProblemError('not-found', { detail: 'You are no member of that tenant.' });
    return deliver(deps, { started, delivery, nowMs: own.nowMs }, reply);
  });
}

type Delivery = 'cookie' | 'body';

const BROWSERS_SEND: readonly string[] = ['origin', 'sec-fetch-site', 'cookie'];

async function deliver(
  deps: AuthRouteDeps,
  { started, delivery, nowMs }: { started: StartedSession; delivery: Delivery; nowMs: number },
  reply: FastifyReply,
) {
  const { session, refreshToken } = started;
  const access = deps.mint(session, nowMs);
  const view = await deps.viewer.ofSession(session);
  if (delivery === 'body') return { ...view, token: access.value, refreshToken };
  const refreshCookieValue = { value: refreshToken, maxAgeSeconds: (session.expiresAtMs - nowMs) / 1000 };
  addHeaders(reply, tokenCookies(deps.cookies, { access, refresh: refreshCookieValue }));
  return view;
}

/** T20: what browsers always send refuses tokens in a body; T16: cookies without `Secure` never cross a proxy. */
function deliveryOf(asked: Delivery, { request: { headers } }: ControlContext, cookies: CookieStyle): Delivery {
  if (asked === 'body' && BROWSERS_SEND.some((name) => firstHeader(headers, name) !== undefined)) {
    throw new ProblemError('csrf-refused', { detail: 'Tokens in a body are for clients that are no browser.' });
  }
  if (asked === 'cookie' && !cookies.isSecure && cameThroughProxy(headers)) {
    throw new ProblemError('csrf-refused', { detail: 'Development cookies are for direct loopback requests.' });
  }
  return asked;
}

/** Whether a bearer token is an API key makes no difference here: either is one too many. */
const ANY_PREFIX = '';

/** The token in the body, else in the cookie; beside either, any other credential is one too many (T20). */
function presentedRefresh(given: string | undefined, { request }: ControlContext, cookies: CookieStyle): string {
  const presented = presentedCredential(request.headers, cookies, ANY_PREFIX);
  if (presented === 'ambiguous' || (presented !== 'none' && presented.kind !== 'cookies')) {
    throw new ProblemError('credentials-ambiguous');
  }
  const token = given ?? (presented === 'none' ? undefined : presented.refresh);
  if (token === undefined) throw new ProblemError('credential-required');
  return token;
}

function momentOf(own: ControlContext): Moment {
  return { request: own.request, nowMs: own.nowMs };
}

/** `Set-Cookie` may repeat: each is a field of its own beside those that guards added. */
function addHeaders(reply: FastifyReply, fields: HeaderList): void {
  for (let at = 0; at < fields.length; at += 2) {
    const [name, value] = [fields[at], fields[at + 1]];
    if (name !== undefined && value !== undefined) reply.raw.appendHeader(name, value);
  }
}
