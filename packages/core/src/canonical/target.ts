import { isToken } from './header-kind.ts';
import { canonicalPath } from './path.ts';
import { refusal, type Refusal } from './refusal.ts';

// CONNECT and TRACE are not among them: a tunnel passes every guard, an echo shows credentials.
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** A request line in its one spelling. */
export interface CanonicalTarget {
  readonly ok: true;
  readonly method: string;
  readonly path: string;
  readonly query: string;
}

/**
 * The one spelling of a method and a target in origin-form (RFC 9112 §3.2.1).
 *
 * Other forms are refused: an absolute-form target names a second host, `*` and `host:port` name no resource. The query
 * stays as it is, but without what a strict reader refuses.
 */
export function canonicalTarget(method: string, target: string, bytesMax: number): CanonicalTarget | Refusal {
  if (!METHODS.has(method)) return refusal(isToken(method) ? 'method-unlisted' : 'method-malformed', 'method');
  if (target.length > bytesMax) return refusal('target-too-long', 'target');
  if (!target.startsWith('/')) return refusal('target-form', 'target');
  if (target.includes('#')) return refusal('target-fragment', 'target');
  const mark = target.indexOf('?');
  const canonical = canonicalPath(mark < 0 ? target : target.slice(0, mark));
  if (!canonical.ok) return refusal(canonical.rule, 'path');
  const query = mark < 0 ? '' : target.slice(mark + 1);
  const rule = queryRule(query);
  return rule === undefined ? { ok: true, method, path: canonical.path, query } : refusal(rule, 'query');
}

/**
 * Browsers send `[ ] { } | \ ^` and the back-tick as they are, so a query may hold them; no browser sends white space,
 * quotes, angle brackets or bytes outside ASCII.
 */
function queryRule(query: string): 'query-character' | 'query-percent' | undefined {
  if (/[^!$-;=?-~]/.test(query)) return 'query-character';
  return query.includes('%') && /%(?![\dA-Fa-f]{2})/.test(query) ? 'query-percent' : undefined;
}
