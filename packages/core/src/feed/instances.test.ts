import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type InstanceReport, isLiveInstance, seenByAll, unconfirmedInstances } from './instances.ts';

const NOW = 1_800_000_000_000;

const report = (id: string, seenSeq: number, agoMs = 100): InstanceReport => {
  return { id, seenSeq, seenAtMs: NOW - agoMs };
};

const reports = fc.array(
  fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), seenSeq: fc.nat(20), agoMs: fc.nat(130_000) }),
);

describe('unconfirmedInstances', () => {
  it('T11: names who may still serve and has not heard, but not the one that asks', () => {
    const all = [report('self', 3), report('behind', 4), report('there', 5), report('silent', 1, 64_999)];
    const named = unconfirmedInstances(all, { seq: 5, selfId: 'self', nowMs: NOW });
    expect(named.map(({ id }) => id)).toEqual(['behind', 'silent']);
    const byCommand = unconfirmedInstances(all, { seq: 5, selfId: undefined, nowMs: NOW });
    expect(byCommand.map(({ id }) => id)).toEqual(['self', 'behind', 'silent']);
  });

  it('T11: does not name one that has been silent for so long that it serves nobody', () => {
    const all = [report('gone', 1, 65_000)];
    expect(unconfirmedInstances(all, { seq: 5, selfId: undefined, nowMs: NOW })).toEqual([]);
  });

  it('still names one whose clock is ahead', () => {
    expect(isLiveInstance(report('ahead', 1, -30_000), NOW)).toBe(true);
  });
});

describe('seenByAll', () => {
  it('T11: is what the slowest live instance has heard; silent ones hold nothing up', () => {
    expect(seenByAll([report('a', 9), report('b', 4), report('c', 1, 65_000)], 12, NOW)).toBe(4);
    expect(seenByAll([report('c', 1, 65_000)], 12, NOW)).toBe(12);
  });

  it('leaves every live instance confirmed', () => {
    fc.assert(
      fc.property(reports, fc.nat(20), (found, newest) => {
        const all = found.map(({ id, seenSeq, agoMs }) => report(id, seenSeq, agoMs));
        const seq = seenByAll(all, newest, NOW);
        expect(seq).toBeLessThanOrEqual(newest);
        expect(unconfirmedInstances(all, { seq, selfId: undefined, nowMs: NOW })).toEqual([]);
      }),
    );
  });
});
