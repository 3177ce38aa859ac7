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

const POLICY = 'content-security-policy';

/** Never taken over: they widen a worker's scope (T1), lead clients around the gate (SB20) or are the gate's to say. */
const NEVER: readonly string[] = ['service-worker-allowed', 'alt-svc', 'strict-transport-security'];
/** What tells caches, shared or not, that an answer may be kept. */
const CACHING: readonly string[] = ['cache-control', 'expires', 'pragma', 'surrogate-control', 'cdn-cache-control'];

/**
 * An upstream's fields with ours: each of ours replaces the upstream's, but a content security policy of its own stays.
 *
 * Answers of routes that are not public are kept by nobody (T8). Names come out in lower case.
 */
export function mergeAnswerHeaders(
  upstream: readonly string[],
  security: HeaderList,
  facts: { isPublic: boolean },
): string[] {
  const fields = pairsOf(upstream);
  const ownPolicy = fields.some(isPolicy);
  const ours = pairsOf(security).filter((field) => !(ownPolicy && isPolicy(field)));
  const replaced = new Set([...ours.map(([name]) => name), ...NEVER, ...(facts.isPublic ? [] : CACHING)]);
  return [
    ...fields.filter((field) => !replaced.has(field[0]) && (field[0] !== POLICY || isPolicy(field))),
    ...ours,
    ...(facts.isPublic ? [] : [['cache-control', 'private, no-store'] as const]),
  ].flat();
}

type Field = readonly [name: string, value: string];

function pairsOf(list: readonly string[]): readonly Field[] {
  const fields: Field[] = [];
  for (let at = 0; at + 1 < list.length; at += 2) fields.push([(list[at] ?? '').toLowerCase(), list[at + 1] ?? '']);
  return fields;
}

/** An empty policy forbids nothing, so it counts as none. */
function isPolicy([name, value]: Field): boolean {
  return name === POLICY && value.trim() !== '';
}
