import type { HeaderList } from '../header-list.ts';

const POLICY = 'content-security-policy';

/** Never taken over: they widen a worker's scope (T1), lead clients around the gate (SB20) or are the gate's to say. */
const NEVER: readonly string[] = ['service-worker-allowed', 'alt-svc', 'strict-transport-security'];
/** What tells caches, shared or not, that an answer may be kept. */
const CACHING: readonly string[] = ['cache-control', 'expires', 'pragma', 'surrogate-control', 'cdn-cache-control'];
/** Fields of which an answer may have ours and the upstream's. All others of ours replace the upstream's. */
const ADDED: ReadonlySet<string> = new Set(['set-cookie', 'vary']);

/** What else decides about the fields of an answer. */
export interface MergeFacts {
  /** Fields of ours for this answer alone. */
  readonly own: HeaderList;
  readonly isPublic: boolean;
}

/** An upstream's fields with ours. */
export type AnswerMerge = (upstream: readonly string[], facts: MergeFacts) => string[];

/**
 * Puts an upstream's fields together with the security fields and our own: each of ours replaces the upstream's, but a content
 * security policy of its own stays, and cookies and `Vary` stand side by side.
 *
 * Answers of routes that are not public are kept by nobody (T8). Names come out in lower case. Made once for each configuration: it
 * runs for every answer.
 */
export function answerMerge(security: HeaderList): AnswerMerge {
  const names = security.filter((name, at) => at % 2 === 0 && name !== POLICY);
  const dropped = new Set([...names, ...NEVER]);
  const droppedPrivate = new Set([...dropped, ...CACHING]);
  const policy = security.filter((_, at) => security[at - (at % 2)] === POLICY);
  const others = security.filter((_, at) => security[at - (at % 2)] !== POLICY);
  return (upstream, { own, isPublic }) => {
    const fields: string[] = [];
    const hasPolicy = takeUpstream(fields, upstream, { own, dropped: isPublic ? dropped : droppedPrivate });
    if (!hasPolicy) fields.push(...policy);
    fields.push(...others, ...own);
    if (!isPublic) fields.push('cache-control', 'private, no-store');
    return fields;
  };
}

/** Whether the upstream has a content security policy. An empty one forbids nothing, so it counts as none. */
function takeUpstream(
  fields: string[],
  upstream: readonly string[],
  { own, dropped }: { own: HeaderList; dropped: ReadonlySet<string> },
): boolean {
  let hasPolicy = false;
  for (let at = 0; at + 1 < upstream.length; at += 2) {
    const name = (upstream[at] ?? '').toLowerCase();
    const value = upstream[at + 1] ?? '';
    if (dropped.has(name) || isReplaced(name, own)) continue;
    if (name === POLICY) {
      if (value.trim() === '') continue;
      hasPolicy = true;
    }
    fields.push(name, value);
  }
  return hasPolicy;
}

function isReplaced(name: string, own: HeaderList): boolean {
  for (let at = 0; at < own.length; at += 2) if (own[at] === name) return !ADDED.has(name);
  return false;
}
