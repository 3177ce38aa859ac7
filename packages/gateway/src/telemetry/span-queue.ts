import type { Span } from './span.ts';
import type { BatchSettings } from './settings.ts';

export interface SpanQueueDeps {
  readonly settings: BatchSettings;
  /** Sends spans; false: they did not get there. Never rejects. */
  readonly send: (spans: readonly Span[]) => Promise<boolean>;
}

/**
 * Spans that wait to be sent: nobody waits for them, and their number is bounded.
 *
 * One export at a time. What finds no room, and what does not arrive, is counted and gone.
 */
export class SpanQueue {
  readonly #deps: SpanQueueDeps;
  readonly #timer: NodeJS.Timeout;
  #waiting: Span[] = [];
  #sending: Promise<void> | undefined;
  /** Spans that nobody will see. */
  dropped = 0;
  sent = 0;

  constructor(deps: SpanQueueDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.flush(), deps.settings.everyMs).unref();
  }

  add(spans: readonly Span[]): void {
    const { queueMax, exportMax } = this.#deps.settings;
    const room = queueMax - this.#waiting.length;
    this.#waiting.push(...(spans.length <= room ? spans : spans.slice(0, room)));
    this.dropped += Math.max(0, spans.length - room);
    if (this.#waiting.length >= exportMax) void this.flush();
  }

  /** Sends everything that waits now; resolves when that has arrived or is given up. Never rejects. */
  flush(): Promise<void> {
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  /** Sends what waits, and takes nothing more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
    await this.flush();
  }

  async #drain(): Promise<void> {
    for (let left = this.#waiting.length; left > 0;) {
      const batch = this.#waiting.splice(0, Math.min(left, this.#deps.settings.exportMax));
      left -= batch.length;
      if (await this.#deps.send(batch)) this.sent += batch.length;
      else this.dropped += batch.length;
    }
  }
}
