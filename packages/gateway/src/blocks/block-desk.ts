import {
  addressKey,
  type BlockBook,
  type BlockSubject,
  parseAddress,
  ProblemError,
  type StrikeCounter,
  subjectKey,
} from '@steadygate/core';
import type { Actor, SystemActor } from '../store/actor.ts';
import type { ApiKeys } from '../store/api-keys.ts';
import type { Blocks, BlockScope, StoredBlock } from '../store/blocks.ts';
import type { Change } from '../store/change.ts';
import type { Users } from '../store/users.ts';

/** Whom to block, as somebody names them. */
export type BlockOrder =
  | { readonly keyId: string; readonly ms: number }
  | { readonly userId: string; readonly ms: number }
  | { readonly address: string; readonly ms: number };

/** What the desk works with. */
export interface BlockDeskDeps {
  readonly blocks: Blocks;
  readonly keys: Pick<ApiKeys, 'get'>;
  readonly users: Pick<Users, 'get'>;
  /** Absent where no server runs: what is written then holds from its start. */
  readonly live?: { readonly book: BlockBook; readonly strikes: StrikeCounter };
}

/** Blocks and forgives by hand. */
export class BlockDesk {
  readonly #deps: BlockDeskDeps;

  constructor(deps: BlockDeskDeps) {
    this.#deps = deps;
  }

  /** Blocks a key or user of the actor's tenant, or, for the platform, an address. @throws ProblemError `not-found`, `input-invalid`, `conflict` */
  async make(order: BlockOrder, by: Change): Promise<StoredBlock> {
    const subject = await this.#subjectOf(order, by.actor);
    assertNotSelf(subject, by.actor);
    const block = await this.#deps.blocks.place({ subject, cause: 'made by hand', lasts: { ms: order.ms } }, by);
    this.#deps.live?.book.put(block);
    return block;
  }

  /** Ends a block at once, and forgives what led to it. @throws ProblemError `not-found` */
  async lift(id: string, scope: BlockScope, by: Change): Promise<StoredBlock> {
    const lifted = await this.#deps.blocks.lift(id, scope, by);
    if (lifted === undefined) throw new ProblemError('not-found', { detail: 'There is no such block in force.' });
    this.#deps.live?.book.remove(id);
    await this.#deps.live?.strikes.forget(subjectKey(lifted.subject));
    return lifted;
  }

  /** The same for whoever owns the data directory, whatever tenant the block is in. @throws ProblemError `not-found` */
  async liftAny(id: string, by: { readonly in: (tenantId: string) => Change }, nowMs: number): Promise<StoredBlock> {
    const found = await this.#deps.blocks.byId(id, nowMs);
    if (found === undefined) throw new ProblemError('not-found', { detail: 'There is no such block in force.' });
    return this.lift(id, found.subject.kind === 'address' ? 'addresses' : 'callers', by.in(found.tenantId));
  }

  /** Blocks in force, newest first. */
  list(actor: Actor, which: Parameters<Blocks['list']>[1]): ReturnType<Blocks['list']> {
    return this.#deps.blocks.list(actor, which);
  }

  /** The same of all tenants. */
  all(actor: SystemActor, which: Parameters<Blocks['all']>[1]): ReturnType<Blocks['all']> {
    return this.#deps.blocks.all(actor, which);
  }

  async #subjectOf(order: BlockOrder, actor: Actor): Promise<BlockSubject> {
    const { tenantId } = actor;
    if ('address' in order) return { kind: 'address', address: addressOf(order.address) };
    if ('keyId' in order) {
      const key = await this.#deps.keys.get(actor, order.keyId);
      if (key === undefined) throw new ProblemError('not-found', { detail: 'There is no such key in this tenant.' });
      return { kind: 'key', tenantId, id: key.id };
    }
    const user = await this.#deps.users.get(actor, order.userId);
    if (user === undefined) throw new ProblemError('not-found', { detail: 'There is no such user in this tenant.' });
    return { kind: 'user', tenantId, id: user.id };
  }
}

function addressOf(text: string): string {
  const address = parseAddress(text.replace(/\/64$/, ''));
  if (address !== undefined) return addressKey(address);
  throw new ProblemError('input-invalid', { detail: 'That is no address: write 203.0.113.7, or 2001:db8:1:2::/64.' });
}

/** Only the operator could undo it. */
function assertNotSelf(subject: BlockSubject, actor: Actor): void {
  if ('system' in actor || subject.kind !== 'user' || subject.id !== actor.userId) return;
  throw new ProblemError('conflict', { detail: 'You cannot block yourself.' });
}
