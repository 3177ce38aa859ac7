import { ProblemError } from '@steadygate/core';
import type { UpstreamClient, UpstreamHandler, UpstreamHead, UpstreamRequest } from '../src/proxy/upstream-client.ts';
import type { After } from '../src/upstreams/deps.ts';
import type { UpstreamEvent } from '../src/upstreams/event.ts';
import { Upstreams } from '../src/upstreams/upstreams.ts';

/** A clock that a test moves, with timers that fall due as it does. */
export class FakeTime {
  nowMs = 1_000_000;
  readonly #timers = new Set<{ readonly atMs: number; readonly run: () => void }>();

  readonly after: After = (ms, run) => {
    const timer = { atMs: this.nowMs + ms, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = endMs;
  }
}

/** One request that reached a target, for a test to answer. */
export interface Sent {
  /** Host and port of the target. */
  readonly to: string;
  readonly request: UpstreamRequest;
  readonly handler: UpstreamHandler;
  isPaused: boolean;
  isAborted: boolean;
  answer(status?: number, headers?: UpstreamHead['headers']): void;
  refuse(): void;
  breakOff(): void;
  late(): void;
}

/** Upstreams over clients that do nothing by themselves. */
export function fakeUpstreams() {
  const time = new FakeTime();
  const events: UpstreamEvent[] = [];
  const sent: Sent[] = [];
  const closed: string[] = [];
  const checks: Sent[] = [];
  /** Hosts whose client refuses as it is asked. */
  const refusing = new Set<string>();
  const upstreams = new Upstreams({
    nowMs: () => time.nowMs,
    after: time.after,
    random: { bytes: (count) => new Uint8Array(count), id: () => 'id' },
    createClient: ({ url }, connectionsMax) =>
      fakeClient(url.host, { sent: connectionsMax === 1 ? checks : sent, closed, refusing }),
    onEvent: (event) => void events.push(event),
  });
  return { upstreams, time, events, sent, checks, closed, refusing };
}

interface Recorded {
  readonly sent: Sent[];
  readonly closed: string[];
  readonly refusing: ReadonlySet<string>;
}

function fakeClient(to: string, { sent, closed, refusing }: Recorded): UpstreamClient {
  return {
    dispatch(request, handler) {
      const one = sentTo(to, request, handler);
      sent.push(one);
      if (refusing.has(to)) one.refuse();
      return {
        pause: () => void (one.isPaused = true),
        resume: () => void (one.isPaused = false),
        abort: () => {
          if (one.isAborted) return;
          one.isAborted = true;
          handler.onError(new ProblemError('upstream-failed'), 'sent');
        },
      };
    },
    openSocket: () => {
      throw new Error('no sockets here');
    },
    close: async () => void closed.push(to),
  };
}

function sentTo(to: string, request: UpstreamRequest, handler: UpstreamHandler): Sent {
  return {
    to,
    request,
    handler,
    isPaused: false,
    isAborted: false,
    answer(status = 200, headers = []) {
      handler.onHead({ status, headers });
      handler.onEnd();
    },
    refuse: () => handler.onError(new ProblemError('upstream-failed'), 'unsent'),
    breakOff: () => handler.onError(new ProblemError('upstream-failed'), 'sent'),
    late: () => handler.onError(new ProblemError('upstream-timeout'), 'sent'),
  };
}

/** What a caller of a pool got: `head 200`, `end`, or the problem's code. */
export class Outcomes implements UpstreamHandler {
  readonly seen: string[] = [];
  problem: ProblemError | undefined;

  onHead({ status }: UpstreamHead): void {
    this.seen.push(`head ${status}`);
  }

  onData(chunk: Buffer): void {
    this.seen.push(chunk.toString());
  }

  onEnd(): void {
    this.seen.push('end');
  }

  onError(problem: ProblemError): void {
    this.problem = problem;
    this.seen.push(problem.code);
  }
}
