import { BlockView } from '@steadygate/contract';
import { z } from 'zod';
import { blockView } from '../blocks/block-view.ts';
import { defineCommand } from './command.ts';
import { AnId, byOperator, NextCursor, PAGE, Tenant } from './fields.ts';
import { assertTenant } from './tenants.ts';

/** Where the blocks of addresses are kept (T15). */
const PLATFORM = 'system';

const Ms = z.int().min(1000, 'at least 1s').max(31_536_000_000, 'at most 365d');

/** Blocks a key or user in its tenant, or what an address sends without a good credential. */
export const createBlock = defineCommand({
  name: 'block.create',
  summary: 'Block a key, user or address',
  needsServer: false,
  input: z.union([
    z.strictObject({ tenant: Tenant, keyId: AnId, ms: Ms }),
    z.strictObject({ tenant: Tenant, userId: AnId, ms: Ms }),
    z.strictObject({ address: z.string().max(64), ms: Ms }),
  ]),
  output: BlockView,
  async run(deps, input) {
    if ('address' in input) return blockView(await deps.blockDesk.make(input, byOperator(deps, PLATFORM)));
    const { tenant, ...order } = input;
    await assertTenant(deps, tenant);
    return blockView(await deps.blockDesk.make(order, byOperator(deps, tenant)));
  },
});

/** Lists every block in force, in all tenants. */
export const listBlocks = defineCommand({
  name: 'block.list',
  summary: 'List blocked callers',
  needsServer: false,
  input: z.strictObject(PAGE),
  output: z.strictObject({ blocks: z.array(BlockView), nextCursor: NextCursor }),
  async run(deps, page) {
    const nowMs = deps.clock.nowMs();
    const { items, nextCursor } = await deps.blockDesk.all(deps.actor(PLATFORM), { ...page, nowMs });
    return { blocks: items.map(blockView), nextCursor };
  },
});

/** Ends a block at once, and forgives what led to it. */
export const liftBlock = defineCommand({
  name: 'block.lift',
  summary: 'Lift a block',
  needsServer: false,
  input: z.strictObject({ id: AnId }),
  output: BlockView,
  async run(deps, { id }) {
    const change = (tenantId: string) => byOperator(deps, tenantId);
    return blockView(await deps.blockDesk.liftAny(id, { in: change }, deps.clock.nowMs()));
  },
});
