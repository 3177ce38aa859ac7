import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventFeed, RecordedEvent } from '../store/events.ts';
import { FeedReader } from './feed-reader.ts';

const START = 1_800_000_000_000;

function recorded(seq: number, life = 'a'): RecordedEvent {
  return { seq, atMs: START, tenantId: 'default', kind: 'session.ended', subject: `s${seq}`, mark: `${life}${seq}` };
}

/** A table of events and who hears of them. */
function setUp({ isShared = true, rows = [recorded(1)] }: { isShared?: boolean; rows?: RecordedEvent[] } = {}) {
  const table = { rows, failure: undefined as Error | undefined, hangs: undefined as Promise<void> | undefined };
  const told: string[] = [];
  const news: (() => void)[] = [];
  const acts = { hear: async (): Promise<void> => undefined, fails: 0 };
  const feed: EventFeed = {
    async from(seq, limit) {
      await table.hangs;
      if (table.failure !== undefined) throw table.failure;
      return table.rows.filter((row) => row.seq >= seq).slice(0, limit);
    },
    newest: async () => table.rows.at(-1),
    async hear({ subject }) {
      told.push(subject);
      await acts.hear();
    },
    async resync() {
      told.push('resync');
      await acts.hear();
    },
    onNews: (listener) => void news.push(listener),
    takeFailure() {
      acts.fails -= 1;
      return acts.fails >= 0;
    },
  };
  const clock = { monotonicMs: 0 };
  const reader = new FeedReader({
    feed,
    isShared,
    failure: () => undefined,
    moment: () => ({ nowMs: Date.now(), monotonicMs: clock.monotonicMs }),
    onLooked: (seq) => void told.push(`looked ${seq}`),
    onLost: (cause) => void told.push(`lost ${String(cause)}`),
    onBack: () => void told.push('back'),
    onResync: (reason) => void told.push(`because ${reason}`),
    onBeat: (staleMs) => void told.push(`beat ${staleMs}`),
  });
  readers.push(reader);
  const heard = (): string[] => told.splice(0).filter((what) => !/^(beat|looked)/.test(what));
  return { reader, table, told, acts, clock, heard, news };
}

const readers: FeedReader[] = [];

beforeEach(() => vi.useFakeTimers({ now: START }));
afterEach(() => {
  for (const reader of readers.splice(0)) reader.stop();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('T11: the reader of the feed', () => {
  it('begins at the newest event, and hears what comes after it within 500 ms though nobody says so', async () => {
    const { reader, table, heard } = setUp({ rows: [recorded(1), recorded(2)] });
    await reader.begin();
    reader.start();
    await pass(2_000);
    expect(heard()).toEqual([]);
    table.rows.push(recorded(3), recorded(4));
    await pass(500);
    expect(heard()).toEqual(['s3', 's4']);
    await pass(2_000);
    expect(heard()).toEqual([]);
  });

  it('hears of what came after it began, when everybody has subscribed', async () => {
    const { reader, table, heard } = setUp();
    await reader.begin();
    table.rows.push(recorded(2));
    await pass(5_000);
    expect(heard()).toEqual([]);
    reader.start();
    await reader.wake();
    expect(heard()).toEqual(['s2']);
  });

  it('hears at once when something is announced', async () => {
    const { reader, table, heard, news } = setUp();
    await reader.begin();
    reader.start();
    table.rows.push(recorded(2));
    for (const tell of news) tell();
    await pass(0);
    expect(heard()).toEqual(['s2']);
  });

  it('hears at once when it is woken', async () => {
    const { reader, table, heard } = setUp();
    await reader.begin();
    reader.start();
    table.rows.push(recorded(2));
    await reader.wake();
    expect(heard()).toEqual(['s2']);
  });

  it('reads more than one query gives, in order', async () => {
    const { reader, table, heard } = setUp();
    await reader.begin();
    reader.start();
    for (let seq = 2; seq <= 1_203; seq += 1) table.rows.push(recorded(seq));
    await reader.wake();
    expect(heard()).toEqual(Array.from({ length: 1_202 }, (_, at) => `s${at + 2}`));
  });

  it('tells up to which number everything is known, after everybody has acted', async () => {
    const { reader, table, told, acts } = setUp();
    await reader.begin();
    reader.start();
    const acting = Promise.withResolvers<void>();
    acts.hear = () => acting.promise;
    table.rows.push(recorded(2));
    const woken = reader.wake();
    await pass(10);
    expect(told).toEqual(['s2']);
    acting.resolve();
    await woken;
    expect(told).toEqual(['s2', 'looked 2']);
  });

  it.each<[string, (rows: RecordedEvent[]) => RecordedEvent[], string]>([
    ['rows were pruned', (rows) => rows.slice(2), 'pruned'],
    ['a number is missing', (rows) => [...rows.slice(0, 1), ...rows.slice(2)], 'gap'],
    ['history was rewritten', () => [1, 2, 3].map((seq) => recorded(seq, 'b')), 'rewritten'],
    ['history is gone', () => [], 'rewritten'],
  ])('forgets everything when %s, and goes on from the newest event', async (_what, change, reason) => {
    const { reader, table, heard } = setUp();
    await reader.begin();
    reader.start();
    table.rows = change([recorded(1), recorded(2), recorded(3)]);
    await reader.wake();
    expect(heard()).toEqual([`because ${reason}`, 'resync']);
    const next = recorded((table.rows.at(-1)?.seq ?? 0) + 1, 'c');
    table.rows.push(next);
    await reader.wake();
    expect(heard()).toEqual([next.subject]);
  });

  it('forgets everything after somebody failed to act on an event', async () => {
    const { reader, table, acts, heard } = setUp();
    await reader.begin();
    reader.start();
    table.rows.push(recorded(2));
    acts.hear = async () => {
      acts.hear = async () => undefined;
      acts.fails = 1;
    };
    await reader.wake();
    expect(heard()).toEqual(['s2', 'because failed', 'resync']);
  });

  it('stays stale until everybody has forgotten', async () => {
    const { reader, table, acts, heard } = setUp();
    await reader.begin();
    reader.start();
    table.rows = [recorded(7)];
    acts.hear = async () => {
      acts.fails = 1;
    };
    await pass(3_000);
    expect(reader.staleMs()).toBe(3_000);
    expect(heard().filter((what) => what.startsWith('lost'))).toHaveLength(1);
    acts.hear = async () => undefined;
    await pass(500);
    expect(reader.staleMs()).toBeLessThanOrEqual(500);
    expect(heard()).toEqual(['because failed', 'resync', 'back']);
  });
});

describe('T11: the age of what is known', () => {
  it('is half a second at most while looks work, and grows from the last one that did', async () => {
    const { reader, table, heard } = setUp();
    await reader.begin();
    reader.start();
    for (let step = 0; step < 50; step += 1) {
      await pass(97);
      expect(reader.staleMs()).toBeLessThanOrEqual(500);
    }
    await pass(400 - ((Date.now() - START) % 400));
    table.failure = new Error('away');
    await pass(60_000);
    expect(reader.staleMs()).toBe(60_000);
    expect(heard()).toEqual(['lost Error: away']);
    table.failure = undefined;
    await pass(400);
    expect(reader.staleMs()).toBe(0);
    expect(heard()).toEqual(['back']);
  });

  it('counts from before the question: an answer that takes long proves the past', async () => {
    const { reader, table } = setUp();
    await reader.begin();
    reader.start();
    await pass(399);
    const answer = Promise.withResolvers<void>();
    table.hangs = answer.promise;
    await pass(7_001);
    expect(reader.staleMs()).toBe(7_400);
    answer.resolve();
    table.hangs = new Promise(() => undefined);
    await pass(0);
    expect(reader.staleMs()).toBe(7_000);
  });

  it('is told with each beat, also while a question has no answer', async () => {
    const { reader, table, told } = setUp();
    await reader.begin();
    reader.start();
    table.hangs = new Promise(() => undefined);
    await pass(1_200);
    expect(told).toEqual(['beat 400', 'beat 800', 'beat 1200']);
  });

  it('is the longer of two clocks, so that setting one back makes nothing fresh', async () => {
    const { reader, table, clock } = setUp();
    await reader.begin();
    reader.start();
    table.failure = new Error('away');
    vi.setSystemTime(START - 3_600_000);
    clock.monotonicMs = 60_000;
    expect(reader.staleMs()).toBe(60_000);
  });

  it('of a process that was stopped is what passed meanwhile, before anything runs', async () => {
    const { reader } = setUp();
    await reader.begin();
    reader.start();
    vi.setSystemTime(START + 61_000);
    expect(reader.staleMs()).toBe(61_000);
  });

  it('is none where no other process can change anything, until a look fails', async () => {
    const { reader, table } = setUp({ isShared: false });
    await reader.begin();
    reader.start();
    vi.setSystemTime(START + 61_000);
    expect(reader.staleMs()).toBe(0);
    table.failure = new Error('gone');
    await pass(400);
    expect(reader.staleMs()).toBe(61_400);
  });
});

it('looks no more once it is stopped', async () => {
  const { reader, table, told } = setUp();
  await reader.begin();
  reader.start();
  reader.stop();
  table.rows.push(recorded(2));
  await pass(5_000);
  await reader.wake();
  expect(told).toEqual([]);
});
