import type { Took } from '@steadygate/core';

/**
 * Tells the gate's own time from the time in which it waits for others.
 *
 * It runs from the start, stands still between `away()` and `back()`, and says nothing new after `stop()`.
 */
export class Stopwatch {
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #ownMs = 0;
  /** Since when it runs; undefined while it stands still. */
  #sinceMs: number | undefined;
  #sentMs = 0;
  #upstream: string | undefined;
  #upstreamMs: number | undefined;
  #took: Took | undefined;

  /** @param nowMs a clock that never goes back, with fractions of milliseconds */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
    this.#sinceMs = this.#startedMs;
  }

  get isAway(): boolean {
    return this.#sinceMs === undefined;
  }

  /** From here on somebody else is waited for. */
  away(): void {
    if (this.#sinceMs === undefined) return;
    this.#ownMs += this.#nowMs() - this.#sinceMs;
    this.#sinceMs = undefined;
  }

  /** From here on the gate works again. */
  back(): void {
    this.#sinceMs ??= this.#nowMs();
  }

  /** The request goes up to an upstream, which is waited for. */
  sent(upstream: string): void {
    const nowMs = this.#nowMs();
    if (this.#sinceMs !== undefined) this.#ownMs += nowMs - this.#sinceMs;
    this.#sinceMs = undefined;
    this.#upstream = upstream;
    this.#sentMs = nowMs;
  }

  /** The head of the upstream's answer is here. */
  answered(): void {
    this.back();
    this.#upstreamMs ??= (this.#sinceMs ?? this.#sentMs) - this.#sentMs;
  }

  /** What it was in the end: the first call decides. */
  stop(): Took {
    if (this.#took !== undefined) return this.#took;
    const endMs = this.#nowMs();
    const ownMs = this.#ownMs + (this.#sinceMs === undefined ? 0 : endMs - this.#sinceMs);
    this.#took = {
      totalMs: endMs - this.#startedMs,
      addedMs: ownMs,
      upstream: this.#upstream,
      upstreamMs: this.#upstreamMs,
    };
    return this.#took;
  }
}
