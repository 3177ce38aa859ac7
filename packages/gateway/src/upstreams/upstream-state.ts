import {
  admission,
  admittedByBreaker,
  breakerAfter,
  type BreakerPolicy,
  type BreakerState,
  CLOSED,
  earnedRetries,
  type Outcome,
  ProblemError,
  refusesNow,
  retryAfterSeconds,
  type UpstreamPolicy,
} from '@steadygate/core';
import type { UpstreamDeps } from './deps.ts';
import type { Target } from './target.ts';
import { WaitQueue } from './wait-queue.ts';

/** Wants a place at an upstream. Exactly one of its methods is called, unless it is withdrawn before. */
export interface Waiter {
  /** It has a place, and gives it back by `leave()`; `round` goes back with its outcome. */
  proceed(round: number): void;
  refuse(problem: ProblemError): void;
}

/** What one upstream has in common over all targets and reloads: places, queue, breaker, budget of retries. */
export class UpstreamState {
  readonly name: string;
  readonly deps: UpstreamDeps;
  /** What is in force. */
  policy: UpstreamPolicy;
  targets: readonly Target[] = [];
  /** Places that are taken. */
  inFlight = 0;
  breaker: BreakerState = CLOSED;
  /** How far the turn has come: see `nextPass`. */
  floor = 0;
  /** Since the upstream was configured. */
  readonly counts = {
    requests: 0,
    retries: 0,
    retriesOverBudget: 0,
    queueFull: 0,
    waitedTooLong: 0,
    leftQueue: 0,
    refusedByBreaker: 0,
    breakerOpened: 0,
  };
  readonly #queue: WaitQueue<Waiter>;
  #retries: number | undefined;
  #isServing = false;

  constructor(name: string, policy: UpstreamPolicy, deps: UpstreamDeps) {
    this.name = name;
    this.policy = policy;
    this.deps = deps;
    this.#queue = new WaitQueue<Waiter>(deps, (waiter) => {
      this.counts.waitedTooLong += 1;
      waiter.refuse(this.#busy());
    });
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Gives a place now or later, or refuses: `upstream-busy`, `upstream-unavailable`. */
  enter(waiter: Waiter): void {
    this.counts.requests += 1;
    const { breaker, concurrency } = this.policy;
    // Nobody waits for what is not asked anyway.
    if (breaker !== undefined && refusesNow(this.breaker, { policy: breaker, nowMs: this.deps.nowMs() })) {
      this.#refuseOpen(waiter, breaker);
      return;
    }
    const verdict = concurrency === undefined ? 'go' : admission(this, concurrency);
    if (verdict === 'go') this.#admit(waiter);
    else if (verdict === 'wait') this.#queue.add(waiter, concurrency?.waitMs ?? 0);
    else {
      this.counts.queueFull += 1;
      waiter.refuse(this.#busy());
    }
  }

  /** Gives up waiting. False when it had not been waiting. */
  withdraw(waiter: Waiter): boolean {
    const wasWaiting = this.#queue.remove(waiter);
    if (wasWaiting) this.counts.leftQueue += 1;
    return wasWaiting;
  }

  /** Gives a place back. */
  leave(): void {
    this.inFlight -= 1;
    if (this.#queue.size > 0) this.serve();
  }

  /** Lets those in who wait, as far as there is room. */
  serve(): void {
    // Whoever is let in may leave at once: then this loop goes on, and the stack does not grow.
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#queue.size > 0 && this.inFlight < (this.policy.concurrency?.max ?? Infinity)) {
      const waiter = this.#queue.next();
      if (waiter !== undefined) this.#admit(waiter);
    }
    this.#isServing = false;
  }

  /** What callers of a request that was let through in `round` got; undefined when it says nothing. */
  conclude(round: number, outcome: Outcome | undefined): void {
    const policy = this.policy.breaker;
    if (policy === undefined) return;
    const before = this.breaker;
    const after = breakerAfter(before, { round, outcome }, { policy, nowMs: this.deps.nowMs() });
    this.breaker = after;
    if (after.kind !== before.kind) this.#tellBreaker(before, after);
  }

  /** Takes one retry from the budget; false when there is none. */
  takeRetry(): boolean {
    const { retry } = this.policy;
    const left = this.#retries ?? retry?.reserve ?? 0;
    if (left < 1) {
      this.counts.retriesOverBudget += 1;
      return false;
    }
    this.#retries = left - 1;
    this.counts.retries += 1;
    return true;
  }

  #admit(waiter: Waiter): void {
    const { breaker, retry } = this.policy;
    if (breaker !== undefined) {
      const after = admittedByBreaker(this.breaker, { policy: breaker, nowMs: this.deps.nowMs() });
      if (after === undefined) {
        this.#refuseOpen(waiter, breaker);
        return;
      }
      this.breaker = after;
    }
    if (retry !== undefined) this.#retries = earnedRetries(this.#retries ?? retry.reserve, retry);
    this.inFlight += 1;
    waiter.proceed(this.breaker.round);
  }

  #refuseOpen(waiter: Waiter, policy: BreakerPolicy): void {
    this.counts.refusedByBreaker += 1;
    const leftMs = this.breaker.kind === 'open' ? this.breaker.untilMs - this.deps.nowMs() : policy.openMs;
    waiter.refuse(new ProblemError('upstream-unavailable', { retryAfterSeconds: retryAfterSeconds(leftMs) }));
  }

  #busy(): ProblemError {
    const waitMs = this.policy.concurrency?.waitMs ?? 0;
    return new ProblemError('upstream-busy', { retryAfterSeconds: retryAfterSeconds(waitMs) });
  }

  #tellBreaker(before: BreakerState, after: BreakerState): void {
    const told = { upstream: this.name, target: undefined };
    if (after.kind === 'open') this.counts.breakerOpened += 1;
    if (before.kind === 'closed') {
      this.deps.onEvent({ ...told, kind: 'breakerOpened', reason: 'too many of its requests failed' });
    } else if (after.kind === 'closed') {
      this.deps.onEvent({ ...told, kind: 'breakerClosed', reason: 'its probes succeeded' });
    }
  }
}
