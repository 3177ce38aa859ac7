import { describe, expect, it } from 'vitest';
import type { Instance } from '../store/instances.ts';
import { confirmations } from './confirmations.ts';
import { InstanceReporter } from './instance-reporter.ts';

const NOW = 1_800_000_000_000;

const instance = (id: string, seenSeq: number, agoMs = 0): Instance => {
  return { id, name: `${id}:1`, version: '1', configDigest: 'c', startedAtMs: NOW, seenSeq, seenAtMs: NOW - agoMs };
};

const turn = () => new Promise((resolve) => void setImmediate(resolve));

describe('T11: a revocation', () => {
  function setUp(rows: Instance[], { isShared = true, isCommand = false } = {}) {
    const slept: number[] = [];
    const store = { isLost: false };
    const after = new Map<number, Instance>();
    const wait = confirmations({
      instances: {
        isShared,
        async all() {
          if (store.isLost) throw new Error('lost');
          return rows;
        },
      },
      // Only its number is read.
      feed: { newest: async () => ({ seq: 7 }) as never },
      selfId: isCommand ? undefined : 'self',
      moment: () => ({ nowMs: NOW, monotonicMs: slept.reduce((sum, ms) => sum + ms, 0) }),
      sleep: async (ms) => {
        slept.push(ms);
        const changed = after.get(slept.length);
        if (changed !== undefined)
          rows.splice(
            rows.findIndex(({ id }) => id === changed.id),
            1,
            changed,
          );
      },
    });
    return { wait, slept, after, store };
  }

  it('waits for nobody when all have acted', async () => {
    const { wait, slept } = setUp([instance('self', 3), instance('other', 7)]);
    expect(await wait()).toEqual([]);
    expect(slept).toEqual([]);
  });

  it('goes on as soon as the last one has acted', async () => {
    const { wait, slept, after } = setUp([instance('other', 6), instance('third', 5)]);
    after.set(2, instance('other', 7)).set(3, instance('third', 8));
    expect(await wait()).toEqual([]);
    expect(slept).toHaveLength(3);
  });

  it('names after a second who has not, and waits no longer', async () => {
    const { wait, slept } = setUp([instance('self', 3), instance('other', 6), instance('gone', 1, 70_000)]);
    expect((await wait())?.map(({ id }) => id)).toEqual(['other']);
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(1_000);
  });

  it('by a command without a server waits for every instance', async () => {
    const { wait } = setUp([instance('self', 3)], { isCommand: true });
    expect((await wait())?.map(({ id }) => id)).toEqual(['self']);
  });

  it('that cannot be asked about is not taken back', async () => {
    const { wait, store } = setUp([instance('other', 7)]);
    store.isLost = true;
    expect(await wait()).toBeUndefined();
  });

  it('asks nobody where there is one process only', async () => {
    const { wait, slept } = setUp([instance('other', 1)], { isShared: false });
    expect([await wait(), slept]).toEqual([[], []]);
  });
});

describe('T11: an instance', () => {
  function setUp(isShared = true) {
    const reports: (Instance | string)[] = [];
    const errors: unknown[] = [];
    const state = { nowMs: NOW, isLost: false };
    const { seenSeq: _seq, seenAtMs: _at, ...self } = instance('self', 0);
    const reporter = new InstanceReporter({
      instances: {
        isShared,
        report: async (report) => {
          if (state.isLost) throw new Error('lost');
          reports.push(report);
        },
        leave: async (id) => void reports.push(`${id} left`),
      },
      self: () => self,
      nowMs: () => state.nowMs,
      onError: (cause) => void errors.push(cause),
    });
    return { reporter, reports, errors, state };
  }

  it('says at once how far it has heard, and each second that it is there', async () => {
    const { reporter, reports, state } = setUp();
    for (const seq of [5, 5, 5, 6]) {
      reporter.looked(seq);
      await turn();
      state.nowMs += 400;
    }
    reporter.looked(6);
    await turn();
    state.nowMs += 999;
    reporter.looked(6);
    await turn();
    const said = reports.map((report) =>
      typeof report === 'string' ? report : [report.seenSeq, report.seenAtMs - NOW],
    );
    expect(said).toEqual([
      [5, 0],
      [6, 1_200],
      [6, 2_599],
    ]);
  });

  it('that cannot say so tells it once, and says it as soon as it can', async () => {
    const { reporter, reports, errors, state } = setUp();
    state.isLost = true;
    for (const seq of [5, 5, 6]) {
      reporter.looked(seq);
      await turn();
    }
    expect([errors.length, reports]).toEqual([1, []]);
    state.isLost = false;
    reporter.looked(6);
    await turn();
    expect(reports).toEqual([expect.objectContaining({ id: 'self', seenSeq: 6 })]);
  });

  it('has said that it is there when it has arrived', async () => {
    const { reporter, reports } = setUp();
    await reporter.arrive();
    expect(reports).toEqual([expect.objectContaining({ id: 'self' })]);
  });

  it('says when it leaves', async () => {
    const { reporter, reports } = setUp();
    reporter.looked(5);
    await reporter.leave();
    expect(reports.at(-1)).toBe('self left');
  });

  it('says nothing where it is alone', async () => {
    const { reporter, reports } = setUp(false);
    reporter.looked(5);
    await reporter.arrive();
    await reporter.leave();
    expect(reports).toEqual([]);
  });
});
