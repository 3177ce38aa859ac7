import type { UpstreamDeps } from './deps.ts';

/** First come, first served, each until its deadline; leaving costs the same for everybody. */
export class WaitQueue<Item extends object> {
  readonly #deps: Pick<UpstreamDeps, 'nowMs' | 'after'>;
  readonly #onLate: (item: Item) => void;
  /** Maps keep the order of insertion. */
  readonly #deadlines = new Map<Item, number>();
  #cancel: (() => void) | undefined;

  /** @param onLate hears of an item whose time is over; it is out of the queue by then. */
  constructor(deps: Pick<UpstreamDeps, 'nowMs' | 'after'>, onLate: (item: Item) => void) {
    this.#deps = deps;
    this.#onLate = onLate;
  }

  get size(): number {
    return this.#deadlines.size;
  }

  add(item: Item, waitMs: number): void {
    this.#deadlines.set(item, this.#deps.nowMs() + waitMs);
    this.#watch();
  }

  /** True when it was waiting. */
  remove(item: Item): boolean {
    return this.#deadlines.delete(item);
  }

  /** The next one, out of the queue. */
  next(): Item | undefined {
    for (const item of this.#deadlines.keys()) {
      this.#deadlines.delete(item);
      return item;
    }
    return undefined;
  }

  /** One timer, for who has waited longest. */
  #watch(): void {
    if (this.#cancel !== undefined) return;
    for (const deadlineMs of this.#deadlines.values()) {
      this.#cancel = this.#deps.after(Math.max(1, deadlineMs - this.#deps.nowMs()), () => this.#expire());
      return;
    }
  }

  #expire(): void {
    this.#cancel = undefined;
    const nowMs = this.#deps.nowMs();
    for (const [item, deadlineMs] of this.#deadlines) {
      if (deadlineMs > nowMs) break;
      this.#deadlines.delete(item);
      this.#onLate(item);
    }
    this.#watch();
  }
}
