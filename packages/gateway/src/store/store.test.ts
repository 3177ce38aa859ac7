import { storeContract } from './store.contract.ts';
import { temporaryStores } from './temporary-store.contract.ts';

const { open } = temporaryStores();

storeContract(() => open());
