/** Reads one value by its key. */
export type Read<V, Rest extends readonly unknown[] = []> = (key: string, ...rest: Rest) => Promise<V>;

/**
 * Runs one look-up per key at a time: whoever asks meanwhile gets the same answer (T24).
 *
 * An answer that may be older than a change is given to nobody: it is read again (T11).
 */
export class SharedReads<V, Rest extends readonly unknown[] = []> {
  readonly #lookUp: Read<V, Rest>;
  #running = new Map<string, Promise<V>>();
  #changes = 0;

  constructor(lookUp: Read<V, Rest>) {
    this.#lookUp = lookUp;
  }

  /** Hands the value as it is at this call or later to `take`, at once: no change comes between. `rest` is that of whoever asked first. */
  async read<Taken>(key: string, take: (value: V) => Taken, ...rest: Rest): Promise<Taken> {
    for (;;) {
      const before = this.#changes;
      const value = await this.#shared(key, rest);
      if (before === this.#changes) return take(value);
    }
  }

  /** What is being read may be old already. */
  changed(): void {
    this.#changes += 1;
    this.#running = new Map();
  }

  #shared(key: string, rest: Rest): Promise<V> {
    const running = this.#running;
    const present = running.get(key);
    if (present !== undefined) return present;
    const started = this.#lookUp(key, ...rest).finally(() => running.delete(key));
    running.set(key, started);
    return started;
  }
}
