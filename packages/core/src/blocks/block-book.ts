import type { Principal } from '../principal.ts';
import { addressSubject, type Block, type BlockSubject, callerSubject, subjectKey } from './block.ts';

/** Blocks that are kept at once, about 300 bytes each. */
const BLOCKS_MAX = 100_000;
/** Addresses may fill so many: a flood of them must leave room for keys and users. */
const ADDRESS_BLOCKS_MAX = 50_000;

/** The blocks in force, asked on every request: costs nothing while there is none, and never the store (T24). */
export class BlockBook {
  readonly #blocks = new Map<string, Block>();
  readonly #addressesMax: number;
  readonly #sizeMax: number;
  #addresses = 0;

  constructor(bounds: { readonly sizeMax?: number; readonly addressesMax?: number } = {}) {
    this.#sizeMax = bounds.sizeMax ?? BLOCKS_MAX;
    this.#addressesMax = bounds.addressesMax ?? ADDRESS_BLOCKS_MAX;
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** How many addresses, and how many keys and users, are blocked. Looks at each: for metrics. */
  counts(nowMs: number): { readonly addresses: number; readonly callers: number } {
    const counts = { addresses: 0, callers: 0 };
    for (const { subject, untilMs } of this.#blocks.values()) {
      if (untilMs > nowMs) counts[subject.kind === 'address' ? 'addresses' : 'callers'] += 1;
    }
    return counts;
  }

  /** The block of one subject, unless it is over. */
  of(subject: BlockSubject, nowMs: number): Block | undefined {
    return this.#blocks.size === 0 ? undefined : this.#holding(subjectKey(subject), nowMs);
  }

  /** The block that binds what an address sends without a good credential. */
  ofAddress(clientAddress: string, nowMs: number): Block | undefined {
    return this.#addresses === 0 ? undefined : this.of(addressSubject(clientAddress), nowMs);
  }

  /** The block that binds a verified caller: of the key, or of the user or service account in this tenant. */
  ofCaller(principal: Principal, nowMs: number): Block | undefined {
    if (this.#blocks.size === this.#addresses) return undefined;
    const found = this.of(callerSubject(principal), nowMs);
    if (found !== undefined || principal.credential.kind !== 'key') return found;
    return this.of({ kind: 'user', tenantId: principal.tenantId, id: principal.userId }, nowMs);
  }

  /** Takes a block instead of what its subject had. False when there is no room: then it is not in force. */
  put(block: Block): boolean {
    const key = subjectKey(block.subject);
    this.#delete(key);
    const isAddress = block.subject.kind === 'address';
    const isFull = isAddress ? this.#addresses >= this.#addressesMax : this.#blocks.size >= this.#sizeMax;
    if (isFull) return false;
    this.#blocks.set(key, block);
    if (isAddress) this.#addresses += 1;
    return true;
  }

  /** Forgets a block by its id. Looks through all: blocks are lifted seldom. */
  remove(id: string): void {
    for (const [key, block] of this.#blocks) if (block.id === id) this.#delete(key);
  }

  /** Forgets all. */
  clear(): void {
    this.#blocks.clear();
    this.#addresses = 0;
  }

  /** Forgets what is over. */
  sweep(nowMs: number): void {
    for (const [key, { untilMs }] of this.#blocks) if (untilMs <= nowMs) this.#delete(key);
  }

  #holding(key: string, nowMs: number): Block | undefined {
    const block = this.#blocks.get(key);
    if (block === undefined || block.untilMs > nowMs) return block;
    this.#delete(key);
    return undefined;
  }

  #delete(key: string): void {
    const block = this.#blocks.get(key);
    if (block === undefined) return;
    this.#blocks.delete(key);
    if (block.subject.kind === 'address') this.#addresses -= 1;
  }
}
