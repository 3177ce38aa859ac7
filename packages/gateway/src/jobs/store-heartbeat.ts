/** T11: at most 500 ms between two looks. */
const BEAT_MS = 500;

export interface StoreHeartbeatDeps {
  readonly nowMs: () => number;
  /** Why the store cannot serve, or undefined. */
  readonly failure: () => Error | undefined;
  /** Hears once that the store was lost. */
  readonly onLost: (failure: Error) => void;
  /** Hears at each look how long the store has been lost. */
  readonly onStale: (staleMs: number) => void;
}

/** Looks after the store, so that a lost one is known though nobody writes (T11). */
export class StoreHeartbeat {
  readonly #deps: StoreHeartbeatDeps;
  readonly #timer: NodeJS.Timeout;
  #freshAtMs: number;
  #isLost = false;

  constructor(deps: StoreHeartbeatDeps) {
    this.#deps = deps;
    this.#freshAtMs = deps.nowMs();
    this.#timer = setInterval(() => this.#look(), BEAT_MS).unref();
  }

  /** For how long this process has been cut off from its store; 0 while it is not. */
  staleMs(nowMs: number): number {
    return this.#isLost ? Math.max(0, nowMs - this.#freshAtMs) : 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const failure = this.#deps.failure();
    const nowMs = this.#deps.nowMs();
    if (failure === undefined) {
      this.#freshAtMs = nowMs;
      this.#isLost = false;
      return;
    }
    if (!this.#isLost) this.#deps.onLost(failure);
    this.#isLost = true;
    this.#deps.onStale(this.staleMs(nowMs));
  }
}
