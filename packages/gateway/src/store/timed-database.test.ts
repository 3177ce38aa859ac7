import { mkdtempSync, rmSync } from 'node:fs';
import { createSecretKey, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { digestOf } from '../crypto/digest.ts';
import { systemRandom } from '../crypto/random.ts';
import { storeCrypto } from '../crypto/store-crypto.ts';
import { openStore, type Store } from './store.ts';
import { byGate, NOW } from './temporary-store.contract.ts';

let folder: string;
let store: Store;
let told: (readonly [string, number])[];
let nowMs: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'timed-'));
  told = [];
  nowMs = 0;
  store = await openStore({
    dataDir: join(folder, 'data'),
    database: { kind: 'sqlite' },
    crypto: storeCrypto(createSecretKey(randomBytes(32)), systemRandom),
    nowMs: NOW,
    onListenerError: () => undefined,
    // Each look at the clock is a millisecond later.
    watch: { monotonicMs: () => (nowMs += 1), onOperation: (operation, ms) => void told.push([operation, ms]) },
  });
  told = [];
});

afterEach(async () => {
  await store.close(NOW);
  rmSync(folder, { recursive: true });
});

it('tells how long each query and each change took', async () => {
  await store.apiKeys.byId('none');
  expect(told).toEqual([['read', 1]]);
  await store.tenants.create('acme', byGate('system'));
  expect(told).toEqual([
    ['read', 1],
    ['change', 1],
  ]);
});

it('does not tell of a change that failed', async () => {
  const draft = {
    id: 'k',
    digest: digestOf('k'),
    name: 'n',
    isImported: false,
    environment: 'live',
    permissions: ['a:read'],
    addresses: [],
    rate: undefined,
    lifeMs: undefined,
  } as const;
  await expect(store.apiKeys.create(draft, byGate('system'))).rejects.toThrow('no keys');
  expect(told).toEqual([]);
});
