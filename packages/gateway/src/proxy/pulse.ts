const TICK_MS = 250;

interface Watch {
  readonly ticks: number;
  dueTick: number;
  readonly onStall: () => void;
}

/** A handle on one deadline that progress pushes back. */
export interface Deadline {
  /** Progress was made: the whole time runs anew. */
  touch(): void;
  cancel(): void;
}

/**
 * Ends what makes no progress, for thousands of bodies and streams at the price of one timer.
 *
 * Deadlines are met within 500 ms after their time, never before it.
 */
export class Pulse {
  readonly #watches = new Set<Watch>();
  readonly #timer: NodeJS.Timeout;
  #tick = 0;

  constructor() {
    this.#timer = setInterval(() => this.#advance(), TICK_MS);
    this.#timer.unref();
  }

  /** Calls `onStall` once, unless `touch` or `cancel` comes first. */
  watch(limitMs: number, onStall: () => void): Deadline {
    const ticks = Math.ceil(limitMs / TICK_MS) + 1;
    const watch = { ticks, dueTick: this.#tick + ticks, onStall };
    this.#watches.add(watch);
    return {
      touch: () => {
        watch.dueTick = this.#tick + ticks;
      },
      cancel: () => {
        this.#watches.delete(watch);
      },
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#watches.clear();
  }

  #advance(): void {
    this.#tick += 1;
    for (const watch of this.#watches) {
      if (watch.dueTick > this.#tick) continue;
      this.#watches.delete(watch);
      watch.onStall();
    }
  }
}
