import { describe, expect, it } from 'vitest';
import { digestOf } from '../crypto/digest.ts';
import { systemRandom } from '../crypto/random.ts';
import type { Store } from './store.ts';
import { byGate, HOUR, NOW, signIn } from './temporary-store.contract.ts';

const DAY = 24 * HOUR;

function makeKey(store: Store, nowMs: number, lifeMs?: number) {
  const id = systemRandom.id();
  const order = { name: 'n', isImported: false, environment: 'live', permissions: ['a:read'], addresses: [] } as const;
  return store.apiKeys.create(
    { ...order, id, digest: digestOf(id), rate: undefined, lifeMs },
    byGate('default', nowMs),
  );
}

/** What metrics count in the store. */
export function censusContract(makeStore: () => Promise<Store>): void {
  describe('the census', () => {
    it('counts sessions that have not ended, of all tenants', async () => {
      const store = await makeStore();
      const at = { nowMs: NOW + HOUR, keysMadeBeforeMs: NOW };
      expect(await store.census(at)).toEqual({ liveSessions: 0, keysToRotate: 0 });
      const { session } = await signIn(store);
      await signIn(store, { tenantId: 'system', role: 'admin' });
      expect(await store.census(at)).toMatchObject({ liveSessions: 2 });
      await store.sessions.end(session.id, byGate(), 'revoked');
      expect(await store.census(at)).toMatchObject({ liveSessions: 1 });
      expect(await store.census({ ...at, nowMs: NOW + 2 * DAY })).toMatchObject({ liveSessions: 0 });
    });

    it('WK17: counts old keys until they are rotated, revoked or over', async () => {
      const store = await makeStore();
      const [old, oldToo] = [await makeKey(store, NOW), await makeKey(store, NOW)];
      await makeKey(store, NOW, 95 * DAY);
      await makeKey(store, NOW + 91 * DAY);
      const at = (days: number) => ({ nowMs: NOW + days * DAY, keysMadeBeforeMs: NOW + (days - 90) * DAY });
      expect(await store.census(at(89))).toMatchObject({ keysToRotate: 0 });
      expect(await store.census(at(92))).toMatchObject({ keysToRotate: 3 });
      expect(await store.census(at(96))).toMatchObject({ keysToRotate: 2 });
      const to = { id: systemRandom.id(), digest: digestOf(systemRandom.id()), overlapMs: DAY };
      await store.apiKeys.rotate(old?.id ?? '', to, byGate('default', NOW + 91 * DAY));
      expect(await store.census(at(92))).toMatchObject({ keysToRotate: 2 });
      await store.apiKeys.revoke(oldToo?.id ?? '', 'revoked', byGate());
      expect(await store.census(at(96))).toMatchObject({ keysToRotate: 0 });
    });
  });
}
