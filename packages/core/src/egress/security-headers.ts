import type { HeaderList } from '../header-list.ts';
import type { EgressPolicy } from '../policy/policy.ts';

/** The security fields of every answer (SB9). `https`: the client's side is encrypted; without it HSTS means nothing. */
export function securityHeaders(policy: EgressPolicy, facts: { https: boolean }): HeaderList {
  const { hstsMaxAgeSeconds } = policy;
  const scope = hstsMaxAgeSeconds === 0 ? '' : '; includeSubDomains';
  return [
    'content-security-policy',
    policy.contentSecurityPolicy,
    ...(facts.https ? ['strict-transport-security', `max-age=${hstsMaxAgeSeconds}${scope}`] : []),
    'x-content-type-options',
    'nosniff',
    // Old browsers; where a policy has frame-ancestors, that rules.
    'x-frame-options',
    'DENY',
    // Not `no-referrer`: forms would send `Origin: null` to their own site.
    'referrer-policy',
    'same-origin',
    'cross-origin-opener-policy',
    'same-origin',
    'cross-origin-resource-policy',
    'same-origin',
    'permissions-policy',
    policy.permissionsPolicy,
    'x-permitted-cross-domain-policies',
    'none',
  ];
}
