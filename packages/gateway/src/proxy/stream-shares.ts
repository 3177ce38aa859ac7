import { callerKey, ProblemError } from '@steadygate/core';
import type { Admitted } from './exchange.ts';

/** An event stream holds a connection to the upstream for as long as it lives: nobody may hold them all. */
const PER_PRINCIPAL_MAX = 64;
/** Many people may stand behind one address. */
const PER_ADDRESS_MAX = 256;

/** Counts the open event streams of each caller. */
export class StreamShares {
  readonly #held = new Map<string, number>();

  /**
   * Takes one stream of the caller's share. Returns how to give it back; more than once does no harm.
   *
   * @throws ProblemError `rate-limited` when the share is used up
   */
  take({ decision: { principal }, request }: Pick<Admitted, 'decision' | 'request'>): () => void {
    const key =
      principal === undefined ? callerKey(request.clientAddress) : `${principal.tenantId}|${principal.userId}`;
    const max = principal === undefined ? PER_ADDRESS_MAX : PER_PRINCIPAL_MAX;
    const held = this.#held.get(key) ?? 0;
    if (held >= max) {
      const limit = { name: 'streams', rate: `${max} at once` };
      throw new ProblemError('rate-limited', { detail: `At most ${max} event streams can be open at once.`, limit });
    }
    this.#held.set(key, held + 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#giveBack(key);
      isHeld = false;
    };
  }

  #giveBack(key: string): void {
    const left = (this.#held.get(key) ?? 1) - 1;
    if (left === 0) this.#held.delete(key);
    else this.#held.set(key, left);
  }
}
