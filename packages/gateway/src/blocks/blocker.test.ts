import { type Alert, BlockBook, type BlocksPolicy, type DecisionRecord, type Violation } from '@steadygate/core';
import { describe, expect, it } from 'vitest';
import { memoryStrikes } from '../counters/memory-strikes.ts';
import { Blocker, type BlockerDeps } from './blocker.ts';

const NOW = 1_800_000_000_000;
const POLICY: BlocksPolicy = {
  mode: 'enforce',
  violations: { rate: { amount: 10, perMs: 60_000 }, text: '10/1m' },
  stepsMs: [60_000, 300_000],
  forgetAfterMs: 86_400_000,
  allow: [],
  proxies: [],
};

function violation(clientAddress = '198.51.100.7', atMs = NOW, changes: Partial<DecisionRecord> = {}): DecisionRecord {
  const denial = { guard: 'waf', code: 'content-refused', facts: {}, violation: 'attack' } as const;
  return {
    requestId: 'r1',
    atMs,
    method: 'GET',
    path: '/',
    clientAddress,
    route: undefined,
    decision: { outcome: 'deny', principal: undefined, denial, findings: [], answerHeaders: [] },
    status: 403,
    durationMs: 1,
    answerBytes: 0,
    ...changes,
  };
}

function rig(changes: Partial<BlockerDeps> = {}, policy: Partial<BlocksPolicy> = {}) {
  const book = new BlockBook();
  const alerts: Alert[] = [];
  const placed: Violation[] = [];
  const errors: unknown[] = [];
  const current = { ...POLICY, ...policy };
  const blocker = new Blocker({
    book,
    strikes: memoryStrikes(),
    ownStrikes: memoryStrikes(),
    policy: () => current,
    place: async (found) => {
      placed.push(found);
      return { id: `kept-${placed.length}`, subject: found.by, cause: found.cause, untilMs: found.atMs + 300_000 };
    },
    alert: (alert) => alerts.push(alert),
    onError: (cause) => errors.push(cause),
    newId: () => 'provisional',
    ...changes,
  });
  const note = (times: number, record = violation()): void => {
    for (let at = 0; at < times; at += 1) blocker.note(record);
  };
  const isBlocked = (address = '198.51.100.7', nowMs = NOW): boolean => book.ofAddress(address, nowMs) !== undefined;
  const settled = () => new Promise((resolve) => void setImmediate(resolve));
  return { blocker, book, alerts, placed, errors, note, isBlocked, settled };
}

describe('the blocker', () => {
  it('WK3: blocks at the tenth violation, at once, and as long as the store says afterwards', async () => {
    const { note, isBlocked, placed, alerts, settled, book } = rig();
    note(9);
    expect(isBlocked()).toBe(false);
    note(1);
    expect(isBlocked()).toBe(true);
    await settled();
    expect(placed).toHaveLength(1);
    expect(book.ofAddress('198.51.100.7', NOW)).toMatchObject({ id: 'kept-1', untilMs: NOW + 300_000 });
    expect(alerts).toMatchObject([{ kind: 'caller-blocked', requestId: 'r1' }]);
  });

  it('what comes while a block holds neither lengthens it nor counts for the next', async () => {
    const { note, placed, settled } = rig();
    note(40);
    await settled();
    expect(placed).toHaveLength(1);
    note(9, violation('198.51.100.7', NOW + 300_000));
    await settled();
    expect(placed).toHaveLength(1);
  });

  it('T13: whoever sends from many addresses is not everybody', () => {
    const { blocker, isBlocked } = rig();
    for (let at = 0; at < 60; at += 1) blocker.note(violation(`203.0.113.${at % 12}`));
    expect(isBlocked()).toBe(false);
  });

  it('T13: refusals that are no violations are nobody’s', () => {
    const { note, isBlocked } = rig();
    const { denial: _, ...decision } = violation().decision;
    const limited = { guard: 'limit.address', code: 'rate-limited', facts: {} } as const;
    note(20, violation('198.51.100.7', NOW, { decision }));
    note(20, violation('198.51.100.7', NOW, { decision: { ...decision, denial: limited } }));
    expect(isBlocked()).toBe(false);
  });

  it('in mode alert tells who would be blocked, and blocks nobody; off, it does neither', async () => {
    const watching = rig({}, { mode: 'alert' });
    watching.note(25);
    expect(watching.isBlocked()).toBe(false);
    expect(watching.alerts.map(({ message }) => message)).toEqual([
      expect.stringContaining('would be blocked'),
      expect.stringContaining('would be blocked'),
    ]);
    const off = rig({}, { mode: 'off' });
    off.note(25);
    expect([off.isBlocked(), off.alerts]).toEqual([false, []]);
  });

  it('T22: an alert names no address', () => {
    const { note, alerts } = rig();
    note(10);
    expect(JSON.stringify(alerts)).not.toContain('198.51.100.7');
  });

  it('holds for the first step, here, when the store cannot keep it', async () => {
    const { note, isBlocked, errors, settled } = rig({ place: () => Promise.reject(new Error('the disk is full')) });
    note(10);
    await settled();
    expect(errors).toHaveLength(1);
    expect(isBlocked('198.51.100.7', NOW + 59_999)).toBe(true);
    expect(isBlocked('198.51.100.7', NOW + 60_000)).toBe(false);
  });

  it('counts by itself while the shared counter cannot', async () => {
    const lost = { strike: () => Promise.reject(new Error('Redis is lost')), forget: () => undefined };
    const { note, isBlocked, settled } = rig({ strikes: lost });
    note(10);
    await settled();
    expect(isBlocked()).toBe(true);
  });

  it('T12: writes 60 blocks of addresses a minute down, and holds the others in memory', async () => {
    const { blocker, book, placed, settled } = rig();
    for (let at = 0; at < 500; at += 1) {
      for (let times = 0; times < 10; times += 1) blocker.note(violation(`10.${at >> 8}.${at & 255}.1`));
    }
    await settled();
    expect(placed).toHaveLength(60);
    expect(book.size).toBe(500);
  });

  it('follows a reload: the allow list of the moment holds', () => {
    const book = new BlockBook();
    let policy: BlocksPolicy = { ...POLICY, allow: ['198.51.100.0/24'] };
    const { blocker } = rig({ book, policy: () => policy });
    for (let at = 0; at < 10; at += 1) blocker.note(violation());
    expect(book.size).toBe(0);
    policy = POLICY;
    for (let at = 0; at < 10; at += 1) blocker.note(violation());
    expect(book.size).toBe(1);
  });
});
