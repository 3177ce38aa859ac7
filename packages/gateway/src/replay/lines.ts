/** A line longer than this is no request that a gate would take: it is given as `undefined`. */
const LINE_BYTES_MAX = 8 * 1024 * 1024;

const NEWLINE = 0x0a;

/** The lines of a text in UTF-8, however it is cut into chunks, without their ends. Memory is bounded by one line. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string | undefined> {
  const line = new LineBuffer();
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      line.add(chunk.subarray(from, end));
      yield line.take();
      from = end + 1;
    }
    line.add(chunk.subarray(from));
  }
  if (!line.isEmpty) yield line.take();
}

class LineBuffer {
  #parts: Buffer[] = [];
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > LINE_BYTES_MAX) this.#parts = [];
    else this.#parts.push(part);
  }

  take(): string | undefined {
    const text = this.#bytes > LINE_BYTES_MAX ? undefined : Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#bytes = 0;
    return text?.replace(/\r$/, '');
  }
}
