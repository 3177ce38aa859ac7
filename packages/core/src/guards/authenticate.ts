import type { CredentialJudge, Judgement } from '../credential/credential-judge.ts';
import type { PresentedCredential } from '../authenticator.ts';
import { type CookieNames, presentedCredential } from '../credential/presented-credential.ts';
import type { KeyEnvironment } from '../credential/api-key.ts';
import { deny, type DenyVerdict, type Guard, type GuardContext, type Verdict } from '../guard.ts';
import { rateLimitFields } from '../limits/rate-limit-fields.ts';
import { rateLimited } from '../limits/rate-limited.ts';
import { parseAddress, rangeContains } from '../net/address.ts';
import { cameThroughProxy } from '../net/client-address.ts';
import type { RouteAccess } from '../policy/policy.ts';
import type { KeyCredential } from '../principal.ts';

/** What the guard of a route is compiled from. */
export interface AuthenticateOptions {
  readonly judge: CredentialJudge;
  readonly cookies: CookieNames;
  /** Which kinds of credentials the route takes. */
  readonly access: RouteAccess;
  readonly keyPrefix: string;
  /** The environments of keys that the route takes. */
  readonly keyEnvironments: readonly KeyEnvironment[];
}

const CHALLENGE = ['www-authenticate', 'Bearer realm="steadygate"'];

const AMBIGUOUS = deny(
  'credentials-ambiguous',
  { rule: 'two credentials', field: 'header:authorization, header:x-api-key, header:cookie' },
  { detail: 'Send either the session cookies, or one Authorization field, or one X-API-Key field.' },
);

const MISSING = unauthenticated('no credential');
const INDIRECT = unauthenticated('cookies without Secure came through a proxy');
const KEY_ON_SESSION_ROUTE = unauthenticated('an API key on a route for sessions');
const SESSION_ON_KEY_ROUTE = unauthenticated('a session on a route for API keys');
const OTHER_ENVIRONMENT = unauthenticated('an API key of another environment');
const OTHER_ADDRESS = unauthenticated('an API key from an address that it is not for');

/**
 * Lets in who presents exactly one good credential (SB1, AU3, WK1, T20). Not on public routes, where no credential is judged.
 *
 * Every bad credential gets the same answer as none. Stays synchronous for credentials already verified.
 */
export function authenticateGuard(options: AuthenticateOptions): Guard {
  const { judge, cookies, keyPrefix } = options;
  const { limit } = judge.budget;
  const isSecure = cookies.access.startsWith('__Host-');
  const fields = rateLimitFields('credentials', limit.rate);
  const verdictOf = (judgement: Judgement, ctx: GuardContext): Verdict => {
    if (judgement.kind === 'exhausted') return rateLimited(limit, 'credentials', { taken: judgement.taken, fields });
    return identified(judgement, ctx, options);
  };
  return {
    id: 'authenticate',
    phase: 'authenticate',
    onError: 'deny',
    evaluate(ctx) {
      const { request, nowMs } = ctx;
      const presented = presentedCredential(request.headers, cookies, keyPrefix);
      if (presented === 'ambiguous') return AMBIGUOUS;
      if (presented === 'none') return MISSING;
      const misplaced = misplacedOn(options.access, presented);
      if (misplaced !== undefined) return misplaced;
      // T16: development cookies exist on direct requests only, and none is renewed on any other.
      if (!isSecure && presented.kind === 'cookies' && cameThroughProxy(request.headers)) return INDIRECT;
      const judged = judge.judge({ presented, clientAddress: request.clientAddress, nowMs });
      return judged instanceof Promise ? judged.then((found) => verdictOf(found, ctx)) : verdictOf(judged, ctx);
    },
  };
}

/** Whether a route's `access` takes a credential of this kind. */
export function isAccepted(access: RouteAccess, kind: 'session' | 'key'): boolean {
  return access === 'any' || access === kind;
}

/** The kind is said by the form alone: nothing is looked up, and the answer is that of any bad credential. */
function misplacedOn(access: RouteAccess, { kind }: PresentedCredential): DenyVerdict | undefined {
  if (isAccepted(access, kind === 'key' ? 'key' : 'session')) return undefined;
  return kind === 'key' ? KEY_ON_SESSION_ROUTE : SESSION_ON_KEY_ROUTE;
}

function identified(
  judgement: Exclude<Judgement, { kind: 'exhausted' }>,
  ctx: GuardContext,
  options: AuthenticateOptions,
): Verdict {
  if (judgement.kind === 'refused') return failed(judgement);
  const { principal, answerHeaders } = judgement;
  const outOfPlace = principal.credential.kind === 'key' ? keyFault(principal.credential, ctx, options) : undefined;
  if (outOfPlace !== undefined) return outOfPlace;
  return answerHeaders === undefined ? { kind: 'identify', principal } : { kind: 'identify', principal, answerHeaders };
}

/** Judged on every request: a verified key is cached, the place that it comes from is not. */
function keyFault(
  { environment, addresses }: KeyCredential,
  { request }: GuardContext,
  { keyEnvironments }: AuthenticateOptions,
): DenyVerdict | undefined {
  if (!keyEnvironments.includes(environment)) return OTHER_ENVIRONMENT;
  if (addresses.length === 0) return undefined;
  const address = parseAddress(request.clientAddress);
  const isAllowed = address !== undefined && addresses.some((range) => rangeContains(range, address));
  return isAllowed ? undefined : OTHER_ADDRESS;
}

/** A credential that was ours and is over is nobody's attempt at anything. */
function failed({ rule, wasOurs }: Extract<Judgement, { kind: 'refused' }>): DenyVerdict {
  const refusal = unauthenticated(rule);
  return wasOurs === true ? refusal : { ...refusal, violation: 'credential' };
}

function unauthenticated(rule: string): DenyVerdict {
  return { ...deny('credential-required', { rule }), answerHeaders: CHALLENGE };
}
