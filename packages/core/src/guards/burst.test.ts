import { describe, expect, it } from 'vitest';
import { context, NOW, policy, principal, publicRoute, request, table, verdictOf } from '../../test/fixtures.ts';
import { BurstMeter } from '../bursts/burst-meter.ts';
import type { GuardContext } from '../guard.ts';
import type { BurstPolicy } from '../policy/policy.ts';
import { burstGuard } from './burst.ts';

const BURST: BurstPolicy = {
  mode: 'enforce',
  windowMs: 10_000,
  factor: 10,
  atLeast: 100,
  max: 3,
  config: 'limits.burst',
};

async function fourth(mode: BurstPolicy['mode'], who: Partial<GuardContext>) {
  const guard = burstGuard({ ...BURST, mode }, new BurstMeter(), false);
  for (let at = 0; at < 3; at += 1) await verdictOf(guard, context({ ...who, nowMs: NOW }));
  return { guard, decision: await verdictOf(guard, context({ ...who, nowMs: NOW + 500 })) };
}

describe('WK3: a burst', () => {
  it('is refused like a limit, and T13: is no violation', async () => {
    const { decision } = await fourth('enforce', { principal: principal() });
    expect(decision.denial).toEqual({
      guard: 'burst',
      code: 'rate-limited',
      facts: { retryAfterSeconds: 10, limit: { name: 'burst', rate: '3/10s' } },
    });
    expect(decision.findings[0]).toMatchObject({ rule: 'absolute limit', config: 'limits.burst' });
  });

  it.each(['alert', 'shadow'] as const)('is let through and told once in mode %s', async (mode) => {
    const { guard, decision } = await fourth(mode, { principal: principal() });
    expect(decision).toMatchObject({ outcome: 'allow', findings: [{ guard: 'burst', shadow: true }] });
    expect((await verdictOf(guard, context({ principal: principal(), nowMs: NOW + 501 }))).findings).toEqual([]);
  });

  it('is one caller’s: others behind the same address are not concerned', async () => {
    const { guard } = await fourth('enforce', { principal: principal() });
    const other = context({ principal: principal({ userId: 'u2' }) });
    expect((await verdictOf(guard, other)).outcome).toBe('allow');
  });

  it('counts by address where nobody is known, of IPv6 by the /64', async () => {
    const from = (clientAddress: string) => ({ request: request({ clientAddress }) });
    const { guard } = await fourth('enforce', from('2001:db8::1'));
    expect((await verdictOf(guard, context(from('2001:db8::2')))).outcome).toBe('deny');
    expect((await verdictOf(guard, context(from('2001:db8:0:1::2')))).outcome).toBe('allow');
  });

  it('T24: is judged before limits are taken and anything is looked up', () => {
    const limits = { ...policy().limits, burst: BURST };
    const rows = table({ limits, routes: [...policy().routes, publicRoute({ path: '/open' })] }).rows();
    const guardsOf = (path: string) => rows.find((row) => row.path === path)?.guards.join(' ');
    expect(guardsOf('/api/**')).toContain('block.caller burst limit.principal');
    expect(guardsOf('/open')).toContain('body-size burst limit.address');
  });

  it('off is no guard', () => {
    expect(table({}).rows()[0]?.guards).not.toContain('burst');
  });
});
