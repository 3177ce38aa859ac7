import { describe, expect, it } from 'vitest';
import { LiveSessions, type SessionFacts } from './live-sessions.ts';

const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;
const facts = (changes: Partial<SessionFacts> = {}): SessionFacts => ({
  id: 's1',
  userId: 'u1',
  tenantId: 'default',
  role: 'member',
  createdAtMs: NOW,
  lastSeenAtMs: NOW,
  expiresAtMs: NOW + 24 * HOUR_MS,
  ...changes,
});

function sessions(stored: readonly SessionFacts[] = [facts()]) {
  const lookups: string[] = [];
  let idleMs = 2 * HOUR_MS;
  const live = new LiveSessions({
    idleMs: () => idleMs,
    sizeMax: 100,
    load: async (id) => {
      lookups.push(id);
      await Promise.resolve();
      return stored.find((session) => session.id === id);
    },
  });
  return { live, lookups, setIdle: (ms: number) => (idleMs = ms) };
}

describe('SB2: a session', () => {
  it('ends at its absolute end, however busy it is', async () => {
    const { live } = sessions();
    for (let at = NOW; at < NOW + 24 * HOUR_MS; at += HOUR_MS) expect(await live.find('s1', at)).toBeDefined();
    expect(await live.find('s1', NOW + 24 * HOUR_MS - 1)).toBeDefined();
    expect(await live.find('s1', NOW + 24 * HOUR_MS)).toBeUndefined();
  });

  it('ends when it was idle for too long, and every use begins that time anew', async () => {
    const { live } = sessions();
    expect(await live.find('s1', NOW + 2 * HOUR_MS - 1)).toBeDefined();
    expect(live.cached('s1', NOW + 4 * HOUR_MS - 2)).toBeDefined();
    expect(live.cached('s1', NOW + 6 * HOUR_MS - 2)).toBeUndefined();
    expect(await live.find('s1', NOW + 6 * HOUR_MS - 2)).toBeUndefined();
  });

  it('that the store saw idle does not come back to life by being loaded', async () => {
    const { live } = sessions([facts({ lastSeenAtMs: NOW - 2 * HOUR_MS })]);
    expect(await live.find('s1', NOW)).toBeUndefined();
    expect(live.admit(facts({ lastSeenAtMs: NOW - 2 * HOUR_MS }), NOW)).toBeUndefined();
  });

  it('follows the idle limit of the moment', async () => {
    const { live, setIdle } = sessions();
    await live.find('s1', NOW);
    setIdle(60_000);
    expect(live.cached('s1', NOW + 60_000)).toBeUndefined();
  });
});

describe('AU8: a revoked session', () => {
  it('is over at once, and costs no lookup however often it is asked for (T24)', async () => {
    const { live, lookups } = sessions();
    await live.find('s1', NOW);
    live.revoke('s1', NOW);
    for (let turn = 0; turn < 5; turn += 1) expect(await live.find('s1', NOW)).toBeUndefined();
    expect(live.cached('s1', NOW)).toBeUndefined();
    expect(live.admit(facts(), NOW)).toBeUndefined();
    expect(lookups).toEqual(['s1']);
  });

  it('is over even when the store was asked before the revocation and answers after it', async () => {
    const { live } = sessions();
    const asked = live.find('s1', NOW);
    live.revoke('s1', NOW);
    expect(await asked).toBeUndefined();
    expect(live.cached('s1', NOW)).toBeUndefined();
  });

  it('is forgotten only when it would have ended anyway', async () => {
    const { live } = sessions();
    live.revoke('s1', NOW);
    live.sweep(NOW + 24 * HOUR_MS - 1);
    expect(await live.find('s1', NOW + 1)).toBeUndefined();
    live.sweep(NOW + 24 * HOUR_MS);
    expect(live.admit(facts({ expiresAtMs: NOW + 48 * HOUR_MS, lastSeenAtMs: NOW + 24 * HOUR_MS }), NOW)).toBeDefined();
  });
});

describe('T11: when nobody knows what happened meanwhile', () => {
  it('every session is asked for again, once, and one that ended is over', async () => {
    const stored = [facts(), facts({ id: 's2' })];
    const { live, lookups } = sessions(stored);
    await live.find('s1', NOW);
    await live.find('s2', NOW);
    live.forgetAll();
    stored.pop();
    expect([live.cached('s1', NOW), live.cached('s2', NOW)]).toEqual([undefined, undefined]);
    expect(await live.find('s2', NOW)).toBeUndefined();
    expect(await live.find('s1', NOW)).toBeDefined();
    expect(live.cached('s1', NOW)).toBeDefined();
    expect(lookups).toEqual(['s1', 's2', 's2', 's1']);
  });

  it('an answer that the store gave before does not count', async () => {
    const stored = [facts()];
    const { live, lookups } = sessions(stored);
    const asked = live.find('s1', NOW);
    stored.pop();
    live.forgetAll();
    expect(await asked).toBeUndefined();
    expect(lookups).toEqual(['s1', 's1']);
  });

  it('what this instance alone knows stays: when a session was last active, and which were revoked', async () => {
    const { live } = sessions([facts(), facts({ id: 's2' })]);
    await live.find('s1', NOW + HOUR_MS);
    live.revoke('s2', NOW);
    live.forgetAll();
    expect(await live.find('s1', NOW + 3 * HOUR_MS - 1)).toBeDefined();
    expect(await live.find('s2', NOW)).toBeUndefined();
  });
});

describe('T11: a session that another instance serves, too', () => {
  it('is not idle here because it was used there', async () => {
    const stored = [facts()];
    const { live } = sessions(stored);
    await live.find('s1', NOW);
    stored[0] = facts({ lastSeenAtMs: NOW + HOUR_MS });
    expect(live.cached('s1', NOW + 2 * HOUR_MS)).toBeUndefined();
    expect(await live.find('s1', NOW + 2 * HOUR_MS)).toBeDefined();
    expect(live.cached('s1', NOW + 4 * HOUR_MS - 1)).toBeDefined();
  });
});

describe('the cache', () => {
  it('T24: looks an unknown session up once for all who ask meanwhile', async () => {
    const { live, lookups } = sessions();
    await Promise.all(Array.from({ length: 20 }, () => live.find('s1', NOW)));
    await live.find('s1', NOW);
    expect(lookups).toEqual(['s1']);
  });

  it('tells which sessions were in use since a moment', async () => {
    const { live } = sessions([facts(), facts({ id: 's2' })]);
    await live.find('s1', NOW);
    await live.find('s2', NOW + 500);
    expect([...live.activeSince(NOW)]).toEqual([{ id: 's2', lastSeenAtMs: NOW + 500 }]);
  });
});
