/** Counting looks at every session. */
const PERIOD_MS = 60_000;

export interface CensusTakerDeps<Census> {
  readonly take: () => Promise<Census>;
}

/** Counts what is in the store once a minute, so that whoever reads metrics costs the store nothing. */
export class CensusTaker<Census> {
  readonly #deps: CensusTakerDeps<Census>;
  readonly #timer: NodeJS.Timeout;
  #isTaking = false;
  #last: Census | undefined;

  constructor(deps: CensusTakerDeps<Census>) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.take(), PERIOD_MS).unref();
    void this.take();
  }

  /** What was counted last; undefined when the last count failed: what was true before says nothing. */
  last(): Census | undefined {
    return this.#last;
  }

  /** Counts now, unless a count is under way. Never rejects. */
  async take(): Promise<void> {
    if (this.#isTaking) return;
    this.#isTaking = true;
    try {
      this.#last = await this.#deps.take();
    } catch {
      // The store tells of its loss itself; its metric is absent.
      this.#last = undefined;
    } finally {
      this.#isTaking = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
