/** What a log is written to. */
export interface Sink {
  write(text: string): unknown;
}

const BATCH_CHARACTERS_MAX = 64 * 1024;

/** Joins the lines of one turn of the event loop: a busy gate writes one piece of many lines, an idle one each line at once. */
export class LineBatch implements Sink {
  readonly #sink: Sink;
  #lines = '';

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  write(line: string): void {
    if (this.#lines === '') setImmediate(() => this.flush());
    this.#lines += line;
    if (this.#lines.length > BATCH_CHARACTERS_MAX) this.flush();
  }

  /** Writes what waits. To be called before the process ends. */
  flush(): void {
    const lines = this.#lines;
    this.#lines = '';
    if (lines !== '') this.#sink.write(lines);
  }
}
