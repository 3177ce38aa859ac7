import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { DecisionFile } from './decision-file.ts';
import type { ExplanationView } from './explanation.ts';
import { newRequestId, requestIdTimeMs } from './request-id.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 500_000 * HOUR_MS + 1_000;
const random = { bytes: (count: number) => new Uint8Array(randomBytes(count)), id: () => 'unused' };
let directory: string;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'sg-decisions-')), 'decisions');
});

function view(atMs: number, path = '/api/chats'): ExplanationView {
  return {
    requestId: newRequestId(random, atMs),
    at: atMs,
    method: 'GET',
    path,
    route: 'routes[0]',
    outcome: 'deny',
    status: 403,
    code: 'permission-denied',
    guard: 'permission',
    tenantId: null,
    userId: null,
    role: null,
    durationMs: 1,
    findings: [],
  };
}

test('a request id tells its time, and only ours do', () => {
  expect(requestIdTimeMs(newRequestId(random, NOW_MS))).toBe(NOW_MS);
  for (const foreign of ['', 'r', '../../etc/passwd', 'x'.repeat(65_536)])
    expect(requestIdTimeMs(foreign)).toBeUndefined();
});

test('a decision is found before and after it was written, and by another process', async () => {
  const file = new DecisionFile({ directory });
  const denied = view(NOW_MS);
  file.append(denied);
  expect(await file.find(denied.requestId)).toEqual(denied);
  await file.flush();
  expect(await file.find(denied.requestId)).toEqual(denied);
  expect(await new DecisionFile({ directory }).find(denied.requestId)).toEqual(denied);
  expect(await file.find(view(NOW_MS).requestId)).toBeUndefined();
});

test('T12: the ring is capped by age and by size', async () => {
  const file = new DecisionFile({ directory, bytesMax: 500 });
  for (const hoursAgo of [30, 2, 1, 0]) file.append(view(NOW_MS - hoursAgo * HOUR_MS));
  await file.flush();
  await file.prune(NOW_MS);
  const kept = await readdir(directory);
  expect(kept).toEqual(['500000.jsonl']);
});

test('T12: the cap holds between two prunings', async () => {
  const file = new DecisionFile({ directory, bytesMax: 100_000 });
  for (let round = 0; round < 40; round += 1) {
    for (let count = 0; count < 20; count += 1) file.append(view(NOW_MS + round * HOUR_MS, `/${'a'.repeat(1000)}`));
    await file.flush();
  }
  const sizes = await Promise.all(
    (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
});

test('T25: a request that carries another’s id in its path is not shown in its place', async () => {
  const file = new DecisionFile({ directory });
  const slow = view(NOW_MS);
  const decoy = view(NOW_MS, `/api/${slow.requestId}`);
  file.append(decoy);
  await file.flush();
  expect(await file.find(slow.requestId)).toBeUndefined();
  file.append(slow);
  await file.flush();
  expect(await file.find(slow.requestId)).toEqual(slow);
});

test('T12: the last of a disk is left to changes, and what is not written is counted', async () => {
  let free = 300;
  const file = new DecisionFile({ directory, room: async () => ({ free, total: 100 }) });
  file.append(view(NOW_MS));
  file.append(view(NOW_MS));
  await expect(file.flush()).rejects.toThrow('kept for changes');
  expect(file.dropped).toBe(2);
  free = 2_000;
  const kept = view(NOW_MS);
  file.append(kept);
  await file.flush();
  expect(await file.find(kept.requestId)).toEqual(kept);
});

test('T12: a line that a crash tore takes none of the next with it', async () => {
  const before = view(NOW_MS);
  const after = view(NOW_MS);
  const path = join(directory, '500000.jsonl');
  await mkdir(directory);
  await writeFile(path, `${JSON.stringify(before).slice(0, 60)}`);
  const file = new DecisionFile({ directory });
  file.append(after);
  await file.flush();
  expect(await file.find(after.requestId)).toEqual(after);
  expect(await file.find(before.requestId)).toBeUndefined();
});

test('T12: what does not fit the queue is counted, not kept', () => {
  const file = new DecisionFile({ directory });
  for (let count = 0; count < 10_005; count += 1) file.append(view(NOW_MS));
  expect(file.dropped).toBe(5);
});

test('T25: a credential in a path is not written', async () => {
  const file = new DecisionFile({ directory });
  file.append(view(NOW_MS, '/join/SB-ADMIN-K7MQ4XWP'));
  await file.flush();
  expect(await readFile(join(directory, '500000.jsonl'), 'utf8')).not.toContain('K7MQ4XWP');
});
