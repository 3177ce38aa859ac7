import { describe, expect, it } from 'vitest';
import {
  context,
  deps,
  keyPrincipal,
  ownRoute,
  policy,
  principal,
  publicRoute,
  route,
  table,
  verdictOf,
} from '../../test/fixtures.ts';
import { allHeaders } from '../header-list.ts';
import type { DayQuotas, QuotaCounter, QuotaUse } from '../limits/quota.ts';
import type { KeysPolicy } from '../policy/policy.ts';
import { quotaGuard, quotasOf } from './quota.ts';

// A minute before midnight UTC.
const NOW = 1_795_132_800_000 - 60_000;
const NONE: DayQuotas = { key: undefined, tenant: undefined };
const FREE: DayQuotas = {
  key: { amount: 100, config: 'keys.plans.free.keyPerDay' },
  tenant: { amount: 500, config: 'tenants.acme.tenantPerDay' },
};
const keysWith = (tenants: KeysPolicy['quotas']['tenants'], others = NONE): KeysPolicy => ({
  ...policy().keys,
  quotas: { tenants, others },
});
const counting = (use: QuotaUse, isRemote = false): QuotaCounter & { readonly asked: () => number } => {
  let asked = 0;
  return {
    asked: () => asked,
    take: () => {
      asked += 1;
      return isRemote ? Promise.resolve(use) : use;
    },
  };
};
const asKey = context({ principal: keyPrincipal({}, { tenantId: 'acme' }), nowMs: NOW });

describe('WK2: quotas of a day', () => {
  it.each([false, true])('tell what is left, of the key and of its tenant (from the store: %s)', async (isRemote) => {
    const guard = quotaGuard(keysWith({ acme: FREE }), counting({ spent: undefined, key: 40, tenant: 499 }, isRemote));
    const { outcome, answerHeaders } = await verdictOf(guard, asKey);
    expect(outcome).toBe('allow');
    expect(allHeaders(answerHeaders, 'ratelimit')).toEqual(['"key-day";r=60;t=60', '"tenant-day";r=1;t=60']);
    expect(allHeaders(answerHeaders, 'ratelimit-policy')).toEqual([
      '"key-day";q=100;w=86400',
      '"tenant-day";q=500;w=86400',
    ]);
  });

  it.each([
    ['key', 'key-day', '100/1d', 'keys.plans.free.keyPerDay'],
    ['tenant', 'tenant-day', '500/1d', 'tenants.acme.tenantPerDay'],
  ] as const)('that is used up refuses until midnight: %s', async (spent, name, rate, config) => {
    const guard = quotaGuard(keysWith({ acme: FREE }), counting({ spent, key: 100, tenant: 500 }));
    const decision = await verdictOf(guard, asKey);
    // No violation (T13): the denial has nothing else.
    expect(decision.denial).toEqual({
      guard: 'quota.key',
      code: 'quota-exceeded',
      facts: { retryAfterSeconds: 60, limit: { name, rate } },
    });
    expect(decision.findings[0]).toMatchObject({ rule: `${name} ${rate}`, config });
    expect(allHeaders(decision.answerHeaders, 'ratelimit')[0]).toBe('"key-day";r=0;t=60');
  });

  it('are of keys: sessions, strangers and tenants without a quota are not counted', async () => {
    const counter = counting({ spent: 'key', key: 1, tenant: 1 });
    const guard = quotaGuard(keysWith({ acme: FREE }), counter);
    for (const who of [undefined, principal({ tenantId: 'acme' }), keyPrincipal({}, { tenantId: 'constructor' })]) {
      expect((await verdictOf(guard, context({ principal: who }))).outcome).toBe('allow');
    }
    expect(counter.asked()).toBe(0);
  });

  it('of tenants that name no plan are those of the common one', () => {
    const keys = keysWith({ acme: FREE }, { ...NONE, key: { amount: 5, config: 'keys.plans.trial.keyPerDay' } });
    expect(quotasOf(keys, 'zeta').key?.amount).toBe(5);
    expect(quotasOf(keys, 'acme')).toBe(FREE);
  });

  it('fail closed', async () => {
    const lost: QuotaCounter = { take: () => Promise.reject(new Error('the store is lost')) };
    const guard = quotaGuard(keysWith({ acme: FREE }), lost);
    expect((await verdictOf(guard, asKey)).denial?.code).toBe('unavailable');
  });

  it('T24: come after what is metered without the store; the gate’s own paths spend none', () => {
    const routes = [
      route({ path: '/v1', access: 'key' }),
      route({ path: '/v2', access: 'any', limits: [] }),
      route({ path: '/v3' }),
      publicRoute({ path: '/v4' }),
    ];
    const own = [
      ownRoute('/control/v1/usage', { access: 'key', permission: { read: 'self:read', write: 'self:read' } }),
    ];
    const rows = table({ routes, keys: keysWith({ acme: FREE }) }, own, deps()).rows();
    const counted = rows.filter(({ guards }) => guards.includes('quota.key')).map(({ path }) => path);
    expect(counted.toSorted()).toEqual(['/v1', '/v2']);
    const guards = rows.find(({ path }) => path === '/v1')?.guards ?? [];
    expect(guards.indexOf('quota.key')).toBe(guards.indexOf('limit.key') + 1);
    expect(
      table({ routes })
        .rows()
        .some((row) => row.guards.includes('quota.key')),
    ).toBe(false);
  });
});
