import type { Finding } from '@steadygate/core';
import type { RecordedRequest, Unreadable } from './recorded-request.ts';
import type { Judged } from './replay-judge.ts';
import { isReplayed } from './replay-guards.ts';

/** What becomes of a request under the configuration that is tried. `otherwise`: refused both times, by another rule. */
export type ChangeKind = 'refused' | 'admitted' | 'otherwise' | 'shadow';

/** One request that shows a change. */
export interface ReplayExample {
  readonly place: number;
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly field?: string;
  readonly evidence?: string;
}

/** All requests that one rule changes alike. */
export interface Change {
  readonly kind: ChangeKind;
  /** The rule that refuses now; for `admitted`, the one that refused before. */
  readonly guard: string;
  readonly rule: string;
  readonly config: string | undefined;
  readonly count: number;
  readonly examples: readonly ReplayExample[];
}

/** What a replay came to. */
export interface ReplaySummary {
  readonly requests: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly admitted: number;
  readonly otherwise: number;
  /** Refused when it was recorded, for a reason that a recording cannot repeat. */
  readonly notJudged: number;
  /** Requests without a known caller on routes that need one: what depends on the caller was not judged. */
  readonly callersUnknown: number;
  readonly bodiesMissing: number;
  readonly timesMissing: number;
  readonly unreadable: number;
  readonly unreadableExamples: readonly Unreadable[];
  /** By rule, the most frequent first. */
  readonly changes: readonly Change[];
}

/** What the request is compared with. */
export interface Baseline {
  readonly outcome: Judged['outcome'];
  readonly guard: string | undefined;
  readonly rule: string | undefined;
}

const EXAMPLES_MAX = 3;
/** Rules are few; a recording that makes more than this of them is counted under one. */
const CHANGES_MAX = 1_000;

type Counts = { -readonly [Key in keyof Omit<ReplaySummary, 'changes' | 'unreadableExamples'>]: number };

/** Adds up what a replay finds. Memory is bounded by the number of rules, whatever is recorded. */
export class ReplayReport {
  readonly #counts: Counts = {
    requests: 0,
    unchanged: 0,
    refused: 0,
    admitted: 0,
    otherwise: 0,
    notJudged: 0,
    callersUnknown: 0,
    bodiesMissing: 0,
    timesMissing: 0,
    unreadable: 0,
  };
  readonly #changes = new Map<
    string,
    { change: Omit<Change, 'count' | 'examples'>; count: number; examples: ReplayExample[] }
  >();
  readonly #unreadable: Unreadable[] = [];

  unreadable(found: Unreadable): void {
    this.#counts.unreadable += 1;
    if (this.#unreadable.length < EXAMPLES_MAX) this.#unreadable.push(found);
  }

  add(request: RecordedRequest, judged: Judged, baseline: Baseline): void {
    this.#countGaps(request, judged);
    const kind = changeOf(judged, baseline);
    this.#counts[kind] += 1;
    const cause = causeOf(kind, judged, baseline);
    if (cause !== undefined) this.#note(cause.kind, cause.finding, request);
    for (const finding of judged.shadow) this.#note('shadow', finding, request);
  }

  summary(): ReplaySummary {
    const changes = [...this.#changes.values()].map(({ change, count, examples }) => ({ ...change, count, examples }));
    return {
      ...this.#counts,
      unreadableExamples: this.#unreadable,
      changes: changes.toSorted((a, b) => b.count - a.count),
    };
  }

  #countGaps({ caller, isBodyMissing, atMs }: RecordedRequest, { isPublic }: Judged): void {
    const counts = this.#counts;
    counts.requests += 1;
    if (caller === undefined && !isPublic) counts.callersUnknown += 1;
    if (isBodyMissing) counts.bodiesMissing += 1;
    if (atMs === undefined) counts.timesMissing += 1;
  }

  #note(kind: ChangeKind, finding: Finding, request: RecordedRequest): void {
    const { guard, config } = finding;
    const rule = this.#changes.size < CHANGES_MAX ? finding.rule : 'further rules';
    const key = JSON.stringify([kind, guard, rule, config]);
    const found = this.#changes.get(key) ?? { change: { kind, guard, rule, config }, count: 0, examples: [] };
    found.count += 1;
    if (found.examples.length < EXAMPLES_MAX) found.examples.push(exampleOf(finding, request));
    this.#changes.set(key, found);
  }
}

const UNNAMED: Finding = { guard: '-', rule: '-' };

type Comparison = 'unchanged' | 'notJudged' | Exclude<ChangeKind, 'shadow'>;

/** The rule that the change is put down to: what refuses now, or what refused before. */
function causeOf(
  kind: Comparison,
  { refusal = UNNAMED }: Judged,
  { guard = '-', rule = '-' }: Baseline,
): { readonly kind: ChangeKind; readonly finding: Finding } | undefined {
  if (kind === 'unchanged' || kind === 'notJudged') return undefined;
  return { kind, finding: kind === 'admitted' ? { guard, rule } : refusal };
}

function changeOf(judged: Judged, baseline: Baseline): Comparison {
  const isRefused = judged.outcome === 'deny';
  if (baseline.outcome !== 'deny') return isRefused ? 'refused' : 'unchanged';
  // A forged session stays forged: only a route that asks for none would let it in.
  const isRepeatable = baseline.guard === undefined || isReplayed(baseline.guard) || judged.isPublic;
  if (!isRefused) return isRepeatable ? 'admitted' : 'notJudged';
  const { guard, rule } = judged.refusal ?? UNNAMED;
  return guard === baseline.guard && rule === baseline.rule ? 'unchanged' : 'otherwise';
}

function exampleOf({ field, evidence }: Finding, { place, method, target }: RecordedRequest): ReplayExample {
  const [path = ''] = target.split('?');
  return {
    place,
    method,
    path: path.slice(0, 200),
    ...(field === undefined ? {} : { field }),
    ...(evidence === undefined ? {} : { evidence }),
  };
}
