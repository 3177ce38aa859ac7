import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { auditOf, byGate, temporaryStores } from './temporary-store.contract.ts';

const WRITER = fileURLToPath(new URL('./crash-writer.contract.ts', import.meta.url));
const { kek, dataDir, open } = temporaryStores();

/** Lets a writer acknowledge some claims and kills it in the middle of more; returns what it had acknowledged. */
async function writeUntilKilled(dir: string, from: number): Promise<readonly string[]> {
  const args = ['--conditions=source', WRITER, dir, kek.export().toString('hex'), String(from)];
  const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  const killAt = 40 + (from % 7);
  for await (const line of createInterface(writer.stdout)) {
    acknowledged.push(line);
    if (acknowledged.length === killAt) writer.kill('SIGKILL');
  }
  if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
  expect(writer.signalCode).toBe('SIGKILL');
  return acknowledged;
}

it('loses no acknowledged change in 3 × kill -9, and no number of the audit log; the lock goes with the process', async () => {
  const dir = dataDir();
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round += 1) acknowledged.push(...(await writeUntilKilled(dir, round * 100_000)));
  const store = await open(dir);
  const scope = { tenantId: 'default', upstream: 'app', resource: 'chat', ownerId: 'ann' };
  const owned = await store.owners.ownedOf(scope, acknowledged);
  expect(acknowledged.length).toBeGreaterThanOrEqual(120);
  expect(owned.size).toBe(acknowledged.length);
  const entries = await auditOf(store);
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1));
  const claims = entries.filter(({ action }) => action === 'object.claimed').length;
  const { items } = await store.owners.list(byGate().actor, { limit: 10_000 });
  expect(items).toHaveLength(claims);
}, 60_000);
