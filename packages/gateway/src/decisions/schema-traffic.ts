import type { ExplanationView } from './explanation.ts';

/** Requests of one kind that match no operation of their API document. */
export interface UnmatchedTraffic {
  readonly method: string;
  /** Segments that are ids stand as `{…}`. */
  readonly path: string;
  /** `no path` or `no method`. */
  readonly rule: string;
  readonly count: number;
  readonly lastAt: number;
}

/** Further kinds are not told apart: whoever sends paths at random must not fill the memory. */
const KINDS_MAX = 1000;
const RULES = ['no path', 'no method'];

/** Counts traffic that matches no operation, in the decisions that are kept; the most frequent first. */
export async function unmatchedTraffic(
  decisions: AsyncIterable<ExplanationView>,
): Promise<readonly UnmatchedTraffic[]> {
  const kinds = new Map<string, UnmatchedTraffic>();
  for await (const { method, path, at, findings } of decisions) {
    const rule = findings.find((finding) => finding.guard === 'schema' && RULES.includes(finding.rule))?.rule;
    if (rule === undefined) continue;
    const folded = foldIds(path);
    const key = `${method} ${folded} ${rule}`;
    const before = kinds.get(key);
    if (before === undefined && kinds.size >= KINDS_MAX) continue;
    const { count, lastAt } = before ?? { count: 0, lastAt: 0 };
    kinds.set(key, { method, path: folded, rule, count: count + 1, lastAt: Math.max(lastAt, at) });
  }
  return [...kinds.values()].toSorted((a, b) => b.count - a.count);
}

function foldIds(path: string): string {
  return path
    .split('/')
    .map((segment) => (/\d/.test(segment) && /^(?:\d+|[\w~.%-]{8,})$/.test(segment) ? '{…}' : segment))
    .join('/');
}
