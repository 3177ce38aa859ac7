import { quotasOf, tenantLimit } from '@steadygate/core';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './parse-config.ts';
import { toKeys } from './to-keys.ts';

function parsed(keys: string, tenants = '{}') {
  const text = `
environment: development
upstreams: { app: { url: "http://127.0.0.1:9" } }
routes: [ { path: /**, access: key, permission: "app:read" } ]
keys: ${keys}
tenants: ${tenants}
`;
  const readFile = (path: string) => ({ path, error: 'does not exist' });
  return parseConfig(text, '/etc/sg/steadygate.yaml', { environment: {}, readFile });
}

function policyOf(keys: string, tenants?: string) {
  const result = parsed(keys, tenants);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const policy = toKeys(result.loaded.config);
  return {
    limit: (tenant: string) => [tenantLimit(policy, tenant).text, tenantLimit(policy, tenant).config],
    quotas: (tenant: string) => {
      const { key, tenant: all } = quotasOf(policy, tenant);
      return [key?.amount, all?.amount, key?.config];
    },
  };
}

const PLANS = `{
  plan: free,
  plans: { free: { limit: 5/s, keyPerDay: 1000 }, pro: { limit: 50/s, keyPerDay: 100000, tenantPerDay: 500000 }, plain: {} },
  tenantLimits: { quick: 500/s } }`;

describe('WK2: plans', () => {
  it('give tenants their limits; a limit of the tenant’s own replaces the plan’s', () => {
    const { limit } = policyOf(PLANS, '{ acme: { plan: pro }, quick: { plan: pro }, bare: { plan: plain }, same: {} }');
    expect(limit('acme')).toEqual(['50/s', 'keys.plans.pro.limit']);
    expect(limit('quick')).toEqual(['500/s', 'keys.tenantLimits.quick']);
    expect(limit('bare')).toEqual(['10/s', 'keys.defaultLimit']);
    expect(limit('same')).toEqual(['5/s', 'keys.plans.free.limit']);
    expect(limit('unlisted')).toEqual(['5/s', 'keys.plans.free.limit']);
    expect(limit('constructor')).toEqual(['5/s', 'keys.plans.free.limit']);
  });

  it('give tenants their quotas; a quota of the tenant’s own replaces the plan’s', () => {
    const { quotas } = policyOf(
      PLANS,
      '{ acme: { plan: pro }, small: { plan: pro, keyPerDay: 7 }, own: { tenantPerDay: 9 } }',
    );
    expect(quotas('acme')).toEqual([100_000, 500_000, 'keys.plans.pro.keyPerDay']);
    expect(quotas('small')).toEqual([7, 500_000, 'tenants.small.keyPerDay']);
    expect(quotas('own')).toEqual([1000, 9, 'keys.plans.free.keyPerDay']);
    expect(quotas('unlisted')).toEqual([1000, undefined, 'keys.plans.free.keyPerDay']);
  });

  it('are none where nobody wrote them', () => {
    const { limit, quotas } = policyOf('{}', '{ acme: {} }');
    expect(limit('acme')).toEqual(['10/s', 'keys.defaultLimit']);
    expect([quotas('acme'), quotas('zeta')]).toEqual([
      [undefined, undefined, undefined],
      [undefined, undefined, undefined],
    ]);
  });

  it.each([
    ['{ plan: fre, plans: { free: {} } }', '{}', 'keys.plan', 'Did you mean `free`?'],
    ['{ plans: { free: {} } }', '{ acme: { plan: gold } }', 'tenants.acme.plan', 'Declare it under `keys.plans`.'],
  ])('that do not exist stop the start: keys: %s, tenants: %s', (keys, tenants, path, hint) => {
    const result = parsed(keys, tenants);
    expect(result.ok ? [] : result.problems).toMatchObject([{ path, message: 'names no plan', hint }]);
  });

  it.each(['keyPerDay: 0', 'keyPerDay: many', 'tenantPerDay: -1', 'limit: fast'])(
    'of nonsense stop it, too: %s',
    (plan) => {
      expect(parsed(`{ plans: { free: { ${plan} } } }`).ok).toBe(false);
    },
  );
});
