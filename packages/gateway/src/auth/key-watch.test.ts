import { type Alert, type DecisionRecord, permissionsOf } from '@steadygate/core';
import { describe, expect, it } from 'vitest';
import { KeyWatch, type KeyWatchDeps, type KeyWatchSettings, type Unusual } from './key-watch.ts';

const NOW = 1_795_132_800_000;
const QUARTER = 900_000;
const DAY = 86_400_000;
const SETTINGS: KeyWatchSettings = { mode: 'alert', windowMs: QUARTER, factor: 5, atLeast: 20, errorsAtLeast: 10 };

function used(atMs = NOW, changes: Partial<DecisionRecord> = {}, kind: 'key' | 'session' = 'key'): DecisionRecord {
  const ends = { expiresAtMs: Number.POSITIVE_INFINITY };
  const credential =
    kind === 'key'
      ? ({ ...ends, kind, id: 'k1', via: 'key', environment: 'live', addresses: [], limit: undefined } as const)
      : ({ ...ends, kind, id: 's1', via: 'bearer' } as const);
  const principal = {
    userId: 'robot',
    tenantId: 'acme',
    role: 'key',
    permissions: permissionsOf([], 'acme'),
    credential,
  };
  return {
    requestId: 'r1',
    atMs,
    method: 'GET',
    path: '/v1',
    clientAddress: '203.0.113.7',
    route: 'routes[0]',
    decision: { outcome: 'allow', principal, findings: [], answerHeaders: [] },
    status: 200,
    durationMs: 1,
    answerBytes: 0,
    ...changes,
  };
}

function rig(changes: Partial<KeyWatchDeps> = {}) {
  const alerts: Alert[] = [];
  const recorded: Unusual[] = [];
  const errors: unknown[] = [];
  const asked: string[] = [];
  const networks = new Set<string>();
  const watch = new KeyWatch({
    settings: () => SETTINGS,
    seen: async ({ network }) => {
      asked.push(network);
      const found = networks.has(network) ? 'known' : networks.size === 0 ? 'first' : 'new';
      networks.add(network);
      return found;
    },
    record: async (unusual) => void recorded.push(unusual),
    alert: (alert) => void alerts.push(alert),
    onError: (cause) => void errors.push(cause),
    ...changes,
  });
  const settled = () => new Promise((resolve) => void setImmediate(resolve));
  return { watch, alerts, recorded, errors, asked, settled };
}

describe('SS6: unusual use of a key', () => {
  it('is told of the first request from another network, and not of the very first', async () => {
    const { watch, alerts, recorded, settled } = rig();
    for (const clientAddress of ['203.0.113.7', '203.0.113.200', '198.51.100.1']) {
      watch.note(used(NOW, { clientAddress }));
      await settled();
    }
    expect(recorded).toMatchObject([{ kind: 'network', keyId: 'k1', tenantId: 'acme', requestId: 'r1' }]);
    expect(alerts).toMatchObject([{ kind: 'key-unusual', requestId: 'r1' }]);
    // T22: neither names the address.
    expect(JSON.stringify([alerts, recorded])).not.toContain('198.51.100');
  });

  it('asks the store once a day for each network, however many requests come', async () => {
    const { watch, asked, settled } = rig();
    for (let at = 0; at < 500; at += 1) watch.note(used(NOW + at));
    await settled();
    watch.note(used(NOW + DAY));
    expect(asked).toHaveLength(2);
  });

  it('is told of a volume that stands out', () => {
    const { watch, recorded } = rig();
    for (let window = 0; window < 20; window += 1) {
      for (let at = 0; at < 10; at += 1) watch.note(used(NOW + window * QUARTER + at));
    }
    expect(recorded).toEqual([]);
    for (let at = 0; at < 200; at += 1) watch.note(used(NOW + 21 * QUARTER + at));
    expect(recorded).toMatchObject([{ kind: 'volume', what: 'more than 50 requests in 15 minutes, usually 10' }]);
  });

  it.each([
    [403, 1],
    [404, 1],
    [502, 1],
    [429, 0],
    [499, 0],
    [200, 0],
  ])('is told of failures that stand out: status %i, %i alerts', (status, count) => {
    const { watch, alerts } = rig();
    for (let at = 0; at < 40; at += 1) watch.note(used(NOW + at, { status }));
    expect(alerts).toHaveLength(count);
  });

  it('is told once a day for each kind: an attacker fills no log (T12)', () => {
    const { watch, alerts } = rig();
    for (let window = 0; window < 30; window += 1) {
      for (let at = 0; at < 40; at += 1) watch.note(used(NOW + window * QUARTER + at, { status: 403 }));
    }
    expect(alerts).toHaveLength(1);
    for (let at = 0; at < 40; at += 1) watch.note(used(NOW + DAY + at, { status: 403 }));
    expect(alerts).toHaveLength(2);
  });

  it('of sessions, and where it is off, is nothing', async () => {
    const off = rig({ settings: () => ({ ...SETTINGS, mode: 'off' }) });
    off.watch.note(used());
    const { watch, asked } = rig();
    watch.note(used(NOW, {}, 'session'));
    await off.settled();
    expect([...asked, ...off.asked]).toEqual([]);
  });

  it('a store that is lost is reported, and asked again at the next request', async () => {
    let calls = 0;
    const { watch, errors, settled } = rig({
      seen: () => {
        calls += 1;
        return Promise.reject(new Error('the store is lost'));
      },
    });
    watch.note(used());
    await settled();
    watch.note(used());
    await settled();
    expect([calls, errors.length]).toEqual([2, 2]);
  });

  it('T24: asks the store of few at once', async () => {
    const { watch, asked } = rig({ seen: ({ network }) => (asked.push(network), new Promise(() => undefined)) });
    for (let at = 0; at < 500; at += 1) watch.note(used(NOW, { clientAddress: `10.${at >> 8}.${at & 255}.1` }));
    expect(asked).toHaveLength(64);
  });
});
