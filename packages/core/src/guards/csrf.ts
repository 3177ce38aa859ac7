import { deny, type Guard, type GuardContext, PASS, type Verdict } from '../guard.ts';
import { firstHeader } from '../header-list.ts';
import { isSafeMethod } from '../policy/methods.ts';
import { type OriginJudge, shownOrigin } from '../policy/origins.ts';
import type { RoutePolicy } from '../policy/policy.ts';

/** What the CSRF guard of a route is compiled from. */
export interface CsrfGuardOptions {
  readonly csrf: RoutePolicy['csrf'];
  /** Whether callers have sessions; without, only the origin can be judged. */
  readonly isPublic: boolean;
  readonly origins: OriginJudge;
  readonly isCsrfToken: (sessionId: string, token: string) => boolean;
}

type Fault = 'origin' | 'token' | undefined;

/**
 * Refuses requests that another site made a browser send (SB22, AU5): unsafe methods and WebSocket upgrades that carry
 * session cookies, and any unsafe request to a public route that guards its origin, such as log-in.
 */
export function csrfGuard(options: CsrfGuardOptions): Guard {
  const fault = options.isPublic ? originFault : faults[options.csrf];
  return {
    id: 'csrf',
    phase: 'authorize',
    onError: 'deny',
    evaluate(ctx) {
      const { request, principal } = ctx;
      if (isSafeMethod(request.method) && request.upgrade === undefined) return PASS;
      // A page cannot make a browser send a bearer token or a key.
      if (!options.isPublic && principal !== undefined && principal.credential.via !== 'cookie') return PASS;
      return verdictOf(fault(ctx, options), ctx, options);
    },
  };
}

const faults: Readonly<Record<RoutePolicy['csrf'], (ctx: GuardContext, options: CsrfGuardOptions) => Fault>> = {
  'origin-or-token': (ctx, options) => {
    return isSameSite(ctx, options) || hasToken(ctx, options) ? undefined : 'origin';
  },
  token: (ctx, options) => originFault(ctx, options) ?? (hasToken(ctx, options) ? undefined : 'token'),
  origin: originFault,
};

/** Positive evidence: the browser says so. Silence is none. */
function isSameSite({ request }: GuardContext, { origins }: CsrfGuardOptions): boolean {
  if (firstHeader(request.headers, 'sec-fetch-site') === 'same-origin') return true;
  const origin = firstHeader(request.headers, 'origin');
  return origin !== undefined && origins.isAcceptable(origin, request);
}

/** Silence is acceptable: clients that are no browsers say nothing. An origin that is named decides alone. */
function originFault({ request }: GuardContext, { origins }: CsrfGuardOptions): Fault {
  const origin = firstHeader(request.headers, 'origin');
  if (origin !== undefined) return origins.isAcceptable(origin, request) ? undefined : 'origin';
  const site = firstHeader(request.headers, 'sec-fetch-site');
  return site === undefined || site === 'same-origin' || site === 'none' ? undefined : 'origin';
}

function hasToken({ request, principal }: GuardContext, { isCsrfToken }: CsrfGuardOptions): boolean {
  const token = firstHeader(request.headers, 'x-csrf-token');
  return token !== undefined && principal !== undefined && isCsrfToken(principal.credential.id, token);
}

const SEND_TOKEN = { detail: 'Send the csrfToken of GET /auth/session as X-CSRF-Token.' };

function verdictOf(fault: Fault, { request }: GuardContext, { csrf, isPublic }: CsrfGuardOptions): Verdict {
  if (fault === undefined) return PASS;
  if (fault === 'token') {
    return deny('csrf-refused', { rule: 'no valid token', field: 'header:x-csrf-token' }, SEND_TOKEN);
  }
  const origin = firstHeader(request.headers, 'origin');
  const finding = { rule: 'not from this site', field: 'header:origin' };
  // A client that is no browser says nothing of its origin: a token would do.
  if (origin === undefined)
    return deny('csrf-refused', finding, !isPublic && csrf === 'origin-or-token' ? SEND_TOKEN : {});
  const evidence = shownOrigin(origin);
  return deny('csrf-refused', { ...finding, evidence, config: 'origins', exception: `origins: [${evidence}]` });
}
