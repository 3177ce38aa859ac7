import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { startGate } from './support/gate.ts';
import { killRounds } from './support/kill-rounds.ts';

it('T4, AU8: nothing acknowledged is lost in 3 kill -9 under load', async () => {
  const { acknowledged, lost, auditIsGapless } = await killRounds(3);
  expect(lost).toEqual([]);
  expect(auditIsGapless).toBe(true);
  for (const count of Object.values(acknowledged)) expect(count).toBeGreaterThan(0);
});

it('SB17: a start after kill -9 is clean: the lock is free, the socket is made anew', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sg-'));
  try {
    const first = await startGate({ dataDir });
    await first.kill();
    expect(existsSync(join(dataDir, 'control.sock'))).toBe(true);
    await first.stop();
    const second = await startGate({ dataDir });
    expect(await second.operator('user', 'list')).toMatchObject({ users: [] });
    expect(second.stderr()).not.toMatch(/socket/);
    expect(await second.stop()).toBe(0);
    expect(existsSync(join(dataDir, 'control.sock'))).toBe(false);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
