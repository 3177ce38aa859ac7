/** What instances of one store may have wrong between them. */
export type NeighbourTrouble = 'configuration-differs' | 'counters-not-shared';

/** What an instance says of how it decides. */
export interface NeighbourReport {
  /** Of the configuration in force. */
  readonly configDigest: string;
}

/** What keeps live instances of one store from deciding as one. */
export function neighbourTroubles(
  self: NeighbourReport & { readonly countsWithOthers: boolean },
  others: readonly NeighbourReport[],
): readonly NeighbourTrouble[] {
  const troubles: NeighbourTrouble[] = [];
  if (others.some(({ configDigest }) => configDigest !== self.configDigest)) troubles.push('configuration-differs');
  if (others.length > 0 && !self.countsWithOthers) troubles.push('counters-not-shared');
  return troubles;
}
