import { describe, expect, it } from 'vitest';
import type { MakeStore } from './store.contract.ts';
import { auditOf, byGate, HOUR, NOW } from './temporary-store.contract.ts';

const DAY = 24 * HOUR;
const TODAY = Math.floor(NOW / DAY) * DAY;
const ADA = { tenantId: 'default', userId: 'ada' };

/** What the store keeps of the use of keys, beside the usage that their holders see. */
export function keyUseContract(makeStore: MakeStore): void {
  describe('days of keys', () => {
    it('WK2: are added up, for each account, tenant and day by itself', async () => {
      const store = await makeStore();
      await store.tenants.create('acme', byGate('system'));
      const [key, tenant] = [
        { ...ADA, dayMs: TODAY },
        { ...ADA, userId: undefined, dayMs: TODAY },
      ];
      const add = (count: number) => store.keyDays.add([key, tenant].map((of) => ({ ...of, count })));
      expect(await add(3)).toEqual([3, 3]);
      expect(await add(4)).toEqual([7, 7]);
      expect(await store.keyDays.load(key)).toBe(7);
      expect(await store.keyDays.load(tenant)).toBe(7);
      for (const other of [
        { ...key, dayMs: TODAY - DAY },
        { ...key, userId: 'bob' },
        { ...tenant, tenantId: 'acme' },
      ]) {
        expect(await store.keyDays.load(other)).toBe(0);
      }
      await store.keyDays.prune(TODAY + 1);
      expect(await store.keyDays.load(key)).toBe(0);
    });

    it('lose nothing of what several write at once', async () => {
      const store = await makeStore();
      const key = { ...ADA, dayMs: TODAY };
      await Promise.all(Array.from({ length: 10 }, () => store.keyDays.add([{ ...key, count: 5 }])));
      expect(await store.keyDays.load(key)).toBe(50);
    });
  });

  describe('networks of keys', () => {
    const from = (network: string, userId = 'ada') => ({ tenantId: 'default', userId, network });

    it('SS6: are the first, new or known, for each account by itself', async () => {
      const store = await makeStore();
      const see = (network: string, userId?: string) => store.keyNetworks.see(from(network, userId), NOW);
      expect(await see('203.0.113.0/24')).toBe('first');
      expect(await see('203.0.113.0/24')).toBe('known');
      expect(await see('198.51.100.0/24')).toBe('new');
      expect(await see('198.51.100.0/24')).toBe('known');
      expect(await see('198.51.100.0/24', 'bob')).toBe('first');
    });

    it('T24: are 32 at most: of who is everywhere another one tells nothing', async () => {
      const store = await makeStore();
      const found: string[] = [];
      for (let at = 0; at < 40; at += 1) found.push(await store.keyNetworks.see(from(`10.0.${at}.0/24`), NOW));
      expect(found.filter((one) => one === 'new')).toHaveLength(31);
      expect(found.at(-1)).toBe('known');
    });

    it('are forgotten when nobody comes from there any more', async () => {
      const store = await makeStore();
      await store.keyNetworks.see(from('203.0.113.0/24'), NOW);
      await store.keyNetworks.see(from('198.51.100.0/24'), NOW);
      await store.keyNetworks.see(from('203.0.113.0/24'), NOW + DAY);
      await store.keyNetworks.prune(NOW + DAY);
      expect(await store.keyNetworks.see(from('203.0.113.0/24'), NOW + DAY)).toBe('known');
      expect(await store.keyNetworks.see(from('198.51.100.0/24'), NOW + DAY)).toBe('new');
    });

    it('what was unusual is an entry of the key’s tenant', async () => {
      const store = await makeStore();
      const unusual = { keyId: 'k1', ...ADA, kind: 'network', requestId: 'r1', atMs: NOW, what: 'another' } as const;
      await store.keyNetworks.recordUnusual(unusual);
      expect((await auditOf(store)).at(-1)).toMatchObject({
        action: 'key.unusual',
        tenant: 'default',
        actor: 'system:gate',
        facts: { kind: 'network', user: 'ada', what: 'another' },
      });
    });
  });
}
