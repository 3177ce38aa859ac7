import {
  createAddressBlock,
  createBlock,
  liftAddressBlock,
  liftBlock,
  listAddressBlocks,
  listBlocks,
} from '@steadygate/contract';
import type { FastifyInstance } from 'fastify';
import type { BlockDesk } from '../blocks/block-desk.ts';
import { blockView } from '../blocks/block-view.ts';
import type { BlockScope, StoredBlock } from '../store/blocks.ts';
import type { Page } from '../store/page.ts';
import { by } from './by.ts';
import { mount } from './mount.ts';

/** Blocks of a tenant's keys and users; blocks of addresses, which are the platform's (T15). */
export function blockRoutes(app: FastifyInstance, desk: Pick<BlockDesk, 'make' | 'lift' | 'list'>): void {
  const CALLERS: BlockScope = 'callers';
  const ADDRESSES: BlockScope = 'addresses';

  mount(app, listBlocks, async ({ access, query, own }) =>
    pageView(await desk.list(access, { ...query, scope: CALLERS, nowMs: own.nowMs })),
  );
  mount(app, createBlock, async ({ access, body: { seconds, ...whom }, own }) =>
    blockView(await desk.make({ ...whom, ms: seconds * 1000 }, by(access, own))),
  );
  mount(app, liftBlock, async ({ access, params, own }) => {
    await desk.lift(params['id'] ?? '', CALLERS, by(access, own));
    return undefined;
  });

  mount(app, listAddressBlocks, async ({ access, query, own }) =>
    pageView(await desk.list(access, { ...query, scope: ADDRESSES, nowMs: own.nowMs })),
  );
  mount(app, createAddressBlock, async ({ access, body: { address, seconds }, own }) =>
    blockView(await desk.make({ address, ms: seconds * 1000 }, by(access, own))),
  );
  mount(app, liftAddressBlock, async ({ access, params, own }) => {
    await desk.lift(params['id'] ?? '', ADDRESSES, by(access, own));
    return undefined;
  });
}

function pageView({ items, nextCursor }: Page<StoredBlock>) {
  return { blocks: items.map(blockView), nextCursor };
}
