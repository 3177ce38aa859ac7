import type { CredentialJudge, Judgement } from '../credential/credential-judge.ts';
import { type CookieNames, presentedCredential } from '../credential/presented-credential.ts';
import { deny, type DenyVerdict, type Guard, type Verdict } from '../guard.ts';
import { rateLimitFields } from '../limits/rate-limit-fields.ts';
import { rateLimited } from '../limits/rate-limited.ts';
import { cameThroughProxy } from '../net/client-address.ts';

const CHALLENGE = ['www-authenticate', 'Bearer realm="steadygate"'];

const AMBIGUOUS = deny(
  'credentials-ambiguous',
  { rule: 'two credentials', field: 'header:authorization, header:cookie' },
  { detail: 'Send either the session cookies or one Authorization field.' },
);

const MISSING = unauthenticated('no credential');
const INDIRECT = unauthenticated('cookies without Secure came through a proxy');

/**
 * Lets in who presents exactly one good credential (SB1, AU3, T20). Not on public routes, where no credential is judged.
 *
 * Every bad credential gets the same answer as none. Stays synchronous for credentials already verified.
 */
export function authenticateGuard(options: { judge: CredentialJudge; cookies: CookieNames }): Guard {
  const { limit } = options.judge.budget;
  const isSecure = options.cookies.access.startsWith('__Host-');
  const fields = rateLimitFields('credentials', limit.rate);
  const verdictOf = (judgement: Judgement): Verdict => {
    if (judgement.kind === 'exhausted') return rateLimited(limit, 'credentials', { taken: judgement.taken, fields });
    if (judgement.kind === 'refused') return unauthenticated(judgement.rule);
    const { principal, answerHeaders } = judgement;
    return answerHeaders === undefined
      ? { kind: 'identify', principal }
      : { kind: 'identify', principal, answerHeaders };
  };
  return {
    id: 'authenticate',
    phase: 'authenticate',
    onError: 'deny',
    evaluate({ request, nowMs }) {
      const presented = presentedCredential(request.headers, options.cookies);
      if (presented === 'ambiguous') return AMBIGUOUS;
      if (presented === 'none') return MISSING;
      // T16: development cookies exist on direct requests only, and none is renewed on any other.
      if (!isSecure && presented.kind === 'cookies' && cameThroughProxy(request.headers)) return INDIRECT;
      const judged = options.judge.judge({ presented, clientAddress: request.clientAddress, nowMs });
      return judged instanceof Promise ? judged.then(verdictOf) : verdictOf(judged);
    },
  };
}

function unauthenticated(rule: string): DenyVerdict {
  return { ...deny('credential-required', { rule }), answerHeaders: CHALLENGE };
}
