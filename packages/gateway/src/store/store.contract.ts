import { apiKeyContract } from './api-keys.contract.ts';
import { censusContract } from './census.contract.ts';
import { blockContract } from './blocks.contract.ts';
import { keyUseContract } from './key-use.contract.ts';
import { logContract } from './log.contract.ts';
import { ownerContract } from './owners.contract.ts';
import { peopleContract } from './people.contract.ts';
import { refreshContract } from './refresh.contract.ts';
import { sessionContract } from './sessions.contract.ts';
import type { Store } from './store.ts';

/** Makes an empty store; who makes it also closes it. */
export type MakeStore = () => Promise<Store>;

/** What every store must do, whatever database it stands on. */
export function storeContract(makeStore: MakeStore): void {
  peopleContract(makeStore);
  sessionContract(makeStore);
  refreshContract(makeStore);
  apiKeyContract(makeStore);
  keyUseContract(makeStore);
  blockContract(makeStore);
  ownerContract(makeStore);
  logContract(makeStore);
  censusContract(makeStore);
}
