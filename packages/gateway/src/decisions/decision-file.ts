import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { redactLine } from '../log/redact.ts';
import type { ExplanationView } from './explanation.ts';
import { HourlySegments, hourOf, type SegmentsOptions } from './hourly-segments.ts';
import { requestIdTimeMs } from './request-id.ts';

const PENDING_MAX = 10_000;

/**
 * A capped ring of decisions: one JSON-lines segment an hour (T12).
 *
 * Writing is batched and never delays a request. When the disk cannot keep up, decisions are dropped and counted.
 */
export class DecisionFile {
  readonly #segments: HourlySegments;
  #pending: ExplanationView[] = [];
  #flushing: Promise<void> = Promise.resolve();
  dropped = 0;

  constructor(options: SegmentsOptions) {
    this.#segments = new HourlySegments(options);
  }

  append(view: ExplanationView): void {
    if (this.#pending.length >= PENDING_MAX) {
      this.dropped += 1;
      return;
    }
    this.#pending.push(view);
  }

  /** Writes what is pending; resolves when it is on its way to the disk. Rejects when the directory cannot be written. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#write());
    return this.#flushing;
  }

  /** The decision of a request id; undefined when it is none of ours, was not recorded, or is too old. */
  async find(requestId: string): Promise<ExplanationView | undefined> {
    const pending = this.#pending.find((view) => view.requestId === requestId);
    const timeMs = requestIdTimeMs(requestId);
    if (pending !== undefined || timeMs === undefined) return pending;
    await this.#flushing.catch(() => undefined);
    // A long request is decided in its hour and written by the time it ends: streams may last into the next hours.
    for (let hour = hourOf(timeMs); await this.#exists(hour); hour += 1) {
      const found = await this.#search(hour, requestId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Every decision that is kept, the oldest first. */
  async *all(): AsyncGenerator<ExplanationView, void> {
    await this.#flushing.catch(() => undefined);
    for (const hour of await this.#segments.hours()) {
      for await (const line of this.#lines(hour)) {
        const view = parseLine(line);
        if (view !== undefined) yield view;
      }
    }
    yield* this.#pending;
  }

  /** Removes what is older than the cap of age, then the oldest beyond the cap of size. */
  prune(nowMs: number): Promise<void> {
    return this.#segments.prune(nowMs);
  }

  #write(): Promise<void> {
    const batch = this.#pending;
    this.#pending = [];
    const lines = batch.map((view) => ({ atMs: view.at, line: redactLine(JSON.stringify(view)) }));
    return this.#segments.write(lines).catch((cause: unknown) => {
      this.dropped += batch.length;
      throw cause;
    });
  }

  async #search(hour: number, requestId: string): Promise<ExplanationView | undefined> {
    for await (const line of this.#lines(hour)) {
      const view = line.includes(requestId) ? parseLine(line) : undefined;
      // An id may stand in another decision's path: who sent it there must not choose what is explained.
      if (view?.requestId === requestId) return view;
    }
    return undefined;
  }

  #lines(hour: number): AsyncIterable<string> {
    return createInterface({ input: createReadStream(this.#segments.path(hour)), crlfDelay: Infinity });
  }

  async #exists(hour: number): Promise<boolean> {
    return (await this.#segments.hours()).includes(hour);
  }
}

/** Undefined for a line that a crash tore. */
function parseLine(line: string): ExplanationView | undefined {
  try {
    // Written by `#write()` alone.
    return JSON.parse(line) as ExplanationView;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
