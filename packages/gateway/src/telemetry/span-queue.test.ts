import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SpanQueue } from './span-queue.ts';
import type { Span } from './span.ts';

let batches: number[];
let answer: () => Promise<boolean>;
let queue: SpanQueue;

function spans(count: number): Span[] {
  const span: Span = {
    traceId: 't',
    spanId: 's',
    parentSpanId: undefined,
    isParentRemote: false,
    state: undefined,
    kind: 'server',
    name: 'GET',
    startMs: 0,
    endMs: 1,
    attributes: {},
    link: undefined,
    isError: false,
  };
  return Array.from({ length: count }, () => span);
}

beforeEach(() => {
  vi.useFakeTimers();
  batches = [];
  answer = async () => true;
  queue = new SpanQueue({
    settings: { queueMax: 10, exportMax: 4, everyMs: 1_000 },
    send: (batch) => {
      batches.push(batch.length);
      return answer();
    },
  });
});

afterEach(async () => {
  await queue.close();
  vi.useRealTimers();
});

it('sends what waits at its pace, and nothing while nothing does', async () => {
  queue.add(spans(2));
  await vi.advanceTimersByTimeAsync(999);
  expect(batches).toEqual([]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect([batches, queue.sent]).toEqual([[2], 2]);
});

it('sends at once when enough wait, in pieces', async () => {
  queue.add(spans(9));
  await vi.advanceTimersByTimeAsync(0);
  expect([batches, queue.sent, queue.dropped]).toEqual([[4, 4, 1], 9, 0]);
});

it('holds no more than it may while the collector is slow: what finds no room is counted', async () => {
  const slow = Promise.withResolvers<boolean>();
  answer = () => slow.promise;
  queue.add(spans(4));
  await vi.advanceTimersByTimeAsync(0);
  for (let at = 0; at < 1_000; at += 1) queue.add(spans(3));
  expect([batches, queue.dropped]).toEqual([[4], 2_990]);
  answer = async () => true;
  slow.resolve(true);
  await vi.advanceTimersByTimeAsync(2_000);
  expect([queue.sent, queue.dropped]).toEqual([14, 2_990]);
});

it('counts what did not arrive, and goes on', async () => {
  answer = async () => false;
  queue.add(spans(4));
  await vi.advanceTimersByTimeAsync(0);
  answer = async () => true;
  queue.add(spans(4));
  await vi.advanceTimersByTimeAsync(0);
  expect([queue.sent, queue.dropped]).toEqual([4, 4]);
});

it('sends the last ones when it is closed, also behind an export that is under way', async () => {
  const slow = Promise.withResolvers<boolean>();
  answer = () => slow.promise;
  queue.add(spans(4));
  await vi.advanceTimersByTimeAsync(0);
  queue.add(spans(1));
  const closed = queue.close();
  slow.resolve(true);
  await closed;
  expect([batches, queue.sent]).toEqual([[4, 1], 5]);
});
