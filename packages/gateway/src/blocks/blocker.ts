import {
  type Alert,
  type Block,
  type BlockBook,
  type BlocksPolicy,
  type BlockSubject,
  type DecisionRecord,
  gcraTake,
  parseRange,
  type StrikeCounter,
  subjectKey,
  type Violation,
  violationOf,
} from '@steadygate/core';

/** Blocks of addresses that are written down, each with an audit entry: a botnet must not fill the disk (T12). */
const WRITTEN = { amount: 60, perMs: 60_000 };
/** Blocks on their way to the store at once. */
const PLACING_MAX = 256;

/** What the blocker works with. */
export interface BlockerDeps {
  readonly book: BlockBook;
  readonly strikes: StrikeCounter;
  /** Counts here while the shared counter cannot. */
  readonly ownStrikes: StrikeCounter;
  /** Read at each use: a reload may change it. */
  readonly policy: () => BlocksPolicy;
  /** Keeps a block: how long it lasts depends on those before it. */
  readonly place: (violation: Violation) => Promise<Block>;
  readonly alert: (alert: Alert) => void;
  readonly onError: (cause: unknown) => void;
  readonly newId: () => string;
}

/** Hears of every decision, and blocks whoever violates again and again (WK3). Works beside requests, never before them. */
export class Blocker {
  readonly #deps: BlockerDeps;
  #exempt: { readonly of: BlocksPolicy; readonly ranges: Parameters<typeof violationOf>[1] } | undefined;
  #writtenTatMs: number | undefined;
  #placing = 0;

  constructor(deps: BlockerDeps) {
    this.#deps = deps;
  }

  /** Takes one decision. What is refused in shadow has no denial, so it never gets here (T3). */
  note(record: DecisionRecord): void {
    if (record.decision.denial?.violation === undefined) return;
    const policy = this.#deps.policy();
    if (policy.mode === 'off') return;
    const violation = violationOf(record, this.#exemptions(policy));
    // What comes while a block holds does not make it longer.
    if (violation === undefined || this.#deps.book.of(violation.by, record.atMs) !== undefined) return;
    const counted = this.#strike(violation, policy);
    if (counted instanceof Promise) void counted.then((isFull) => this.#judged(violation, isFull));
    else this.#judged(violation, counted);
  }

  #strike({ by, atMs }: Violation, { violations: { rate } }: BlocksPolicy): boolean | Promise<boolean> {
    const { strikes, ownStrikes } = this.#deps;
    const key = subjectKey(by);
    const counted = strikes.strike(key, rate, atMs);
    return counted instanceof Promise ? counted.catch(() => ownStrikes.strike(key, rate, atMs)) : counted;
  }

  #judged(violation: Violation, isFull: boolean): void {
    if (!isFull) return;
    const policy = this.#deps.policy();
    const { by, cause, requestId } = violation;
    const what =
      by.kind === 'address' ? 'An address' : `${by.kind === 'key' ? 'Key' : 'User'} ${by.id} of tenant ${by.tenantId}`;
    const verb = policy.mode === 'enforce' ? 'is blocked' : 'would be blocked';
    const message = `${what} ${verb} after ${policy.violations.text} violations, the last of ${cause}.`;
    this.#deps.alert({ kind: 'caller-blocked', requestId, message });
    if (policy.mode === 'enforce') this.#block(violation, policy);
  }

  /** In force at once; the store says afterwards how long, and whether it was one already. */
  #block(violation: Violation, { stepsMs }: BlocksPolicy): void {
    const { book, newId } = this.#deps;
    const { by: subject, cause, atMs } = violation;
    book.put({ id: newId(), subject, cause, untilMs: atMs + (stepsMs[0] ?? 0) });
    if (!this.#mayWrite(subject, atMs)) return;
    this.#placing += 1;
    void this.#place(violation).finally(() => {
      this.#placing -= 1;
    });
  }

  async #place(violation: Violation): Promise<void> {
    const { place, book, onError } = this.#deps;
    try {
      book.put(await place(violation));
    } catch (cause) {
      onError(cause);
    }
  }

  #mayWrite({ kind }: BlockSubject, nowMs: number): boolean {
    if (this.#placing >= PLACING_MAX) return false;
    if (kind !== 'address') return true;
    const { tatMs, taken } = gcraTake(this.#writtenTatMs, WRITTEN, nowMs);
    this.#writtenTatMs = tatMs;
    return taken.waitMs === 0;
  }

  #exemptions(policy: BlocksPolicy): Parameters<typeof violationOf>[1] {
    if (this.#exempt?.of === policy) return this.#exempt.ranges;
    const parsed = (texts: readonly string[]) => texts.map(parseRange).filter((range) => range !== undefined);
    const ranges = { allow: parsed(policy.allow), proxies: parsed(policy.proxies) };
    this.#exempt = { of: policy, ranges };
    return ranges;
  }
}
