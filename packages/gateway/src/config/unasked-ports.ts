import { BlockBook, BurstMeter, type GuardDeps } from '@steadygate/core';

/** For guards that are put together and never run: one that asks for a port here is a bug. */
export const UNASKED_PORTS: GuardDeps = {
  authenticator: { cached: notAsked, authenticate: notAsked, isCsrfToken: notAsked },
  buckets: { take: notAsked, giveBack: notAsked },
  owners: { ownerOf: notAsked, ownedOf: notAsked },
  blocks: new BlockBook(),
  bursts: new BurstMeter(),
  quotas: { take: notAsked },
};

function notAsked(): never {
  throw new Error('a table was asked to decide');
}
