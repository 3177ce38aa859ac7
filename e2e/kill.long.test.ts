import { expect, it } from 'vitest';
import { killRounds } from './support/kill-rounds.ts';

it('T4, AU8: nothing acknowledged is lost in 100 kill -9 under load', { timeout: 1_800_000 }, async () => {
  const { acknowledged, lost, auditIsGapless } = await killRounds(100);
  expect(lost).toEqual([]);
  expect(auditIsGapless).toBe(true);
  for (const count of Object.values(acknowledged)) expect(count).toBeGreaterThan(100);
});
