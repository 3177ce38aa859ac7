import { BlockBook } from '@steadygate/core';
import { expect, it } from 'vitest';
import { until } from '../../../../e2e/support/until.ts';
import { memoryStrikes } from '../counters/memory-strikes.ts';
import { actAsSystem } from '../store/actor.ts';
import type { StoredBlock } from '../store/blocks.ts';
import { byGate, HOUR, NOW, temporaryStores } from '../store/temporary-store.contract.ts';
import { BlockDesk } from './block-desk.ts';
import { followBlocks } from './live-blocks.ts';

const stores = temporaryStores();
const USER = { kind: 'user', tenantId: 'default', id: 'u1' } as const;
const draft = { subject: USER, cause: 'waf: x', lasts: { ms: HOUR } };

async function followed(prepare: (store: Awaited<ReturnType<typeof stores.open>>) => Promise<unknown> = async () => 0) {
  const store = await stores.open();
  await prepare(store);
  const book = new BlockBook();
  const heard: StoredBlock[] = [];
  await followBlocks({
    blocks: store.blocks,
    events: store.events,
    book,
    nowMs: () => NOW,
    onBlock: (block) => void heard.push(block),
  });
  return { store, book, heard };
}

it('WK3: what was blocked before a start is blocked after it', async () => {
  const { book, heard } = await followed((store) => store.blocks.place(draft, byGate()));
  expect(book.of(USER, NOW)).toBeDefined();
  expect(heard).toHaveLength(1);
});

it('T11: what another instance places and lifts is in force here, in its order', async () => {
  const { store, book, heard } = await followed();
  const block = await store.blocks.place(draft, byGate());
  await until('the block is heard of', () => book.of(USER, NOW));
  expect(heard).toEqual([block]);
  await store.blocks.lift(block.id, 'callers', byGate());
  await until('it is over', () => book.of(USER, NOW) === undefined || undefined);
});

it('WK3: who is forgiven by hand begins anew', async () => {
  const { store, book } = await followed();
  const strikes = memoryStrikes();
  const rate = { amount: 10, perMs: 60_000 };
  const { apiKeys: keys, users, blocks } = store;
  const desk = new BlockDesk({ blocks, keys, users, live: { book, strikes } });
  const user = await users.create({ role: 'viewer' }, byGate());
  const subject = `user|default|${user.id}`;
  for (let at = 0; at < 9; at += 1) await strikes.strike(subject, rate, NOW);
  const block = await desk.make({ userId: user.id, ms: HOUR }, byGate());
  expect(book.of({ ...USER, id: user.id }, NOW)?.id).toBe(block.id);
  const inTenant = (tenantId: string) => byGate(tenantId);
  expect(await desk.liftAny(block.id, { in: inTenant }, NOW)).toEqual(block);
  expect(book.size).toBe(0);
  expect(await strikes.strike(subject, rate, NOW)).toBe(false);
  await expect(desk.liftAny(block.id, { in: inTenant }, NOW)).rejects.toMatchObject({ code: 'not-found' });
});

it('a block by hand names somebody of the tenant, or an address', async () => {
  const store = await stores.open();
  const desk = new BlockDesk({ blocks: store.blocks, keys: store.apiKeys, users: store.users });
  await expect(desk.make({ userId: 'nobody', ms: HOUR }, byGate())).rejects.toMatchObject({ code: 'not-found' });
  await expect(desk.make({ keyId: 'nokey', ms: HOUR }, byGate())).rejects.toMatchObject({ code: 'not-found' });
  const wrong = desk.make({ address: '10.0.0.0/8', ms: HOUR }, byGate('system'));
  await expect(wrong).rejects.toMatchObject({ code: 'input-invalid' });
  const block = await desk.make({ address: '2001:db8:1:2::/64', ms: HOUR }, byGate('system'));
  expect(block.subject).toEqual({ kind: 'address', address: '2001:db8:1:2::/64' });
  expect((await desk.all(actAsSystem('cli', 'system'), { limit: 5, nowMs: NOW })).items).toEqual([block]);
});
