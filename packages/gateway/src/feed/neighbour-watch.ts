import { type NeighbourTrouble, neighbourTroubles } from '@steadygate/core';
import type { Instance } from '../store/instances.ts';

export interface NeighbourWatchDeps {
  /** The other processes that serve from the store. */
  readonly others: () => Promise<readonly Instance[]>;
  readonly self: () => { readonly configDigest: string; readonly countsWithOthers: boolean };
  /** Hears of each trouble once, until it has passed. */
  readonly onTrouble: (trouble: NeighbourTrouble, others: readonly Instance[]) => void;
}

/** Looks whether the instances of a store decide as one. A trouble counts when two looks see it: changes arrive one by one. */
export class NeighbourWatch {
  readonly #deps: NeighbourWatchDeps;
  #seen: ReadonlySet<NeighbourTrouble> = new Set();
  #told: ReadonlySet<NeighbourTrouble> = new Set();

  constructor(deps: NeighbourWatchDeps) {
    this.#deps = deps;
  }

  /** @throws what the store throws */
  async look(): Promise<void> {
    const others = await this.#deps.others();
    const troubles = new Set(neighbourTroubles(this.#deps.self(), others));
    const standing = [...troubles].filter((trouble) => this.#seen.has(trouble));
    for (const trouble of standing) if (!this.#told.has(trouble)) this.#deps.onTrouble(trouble, others);
    this.#told = new Set(standing);
    this.#seen = troubles;
  }
}
