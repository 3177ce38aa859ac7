import { describe } from 'vitest';
import { storeContract } from './store.contract.ts';
import { temporaryPostgres, testServer } from './temporary-postgres.contract.ts';
import { temporaryStores } from './temporary-store.contract.ts';

describe('on SQLite', () => {
  const { open } = temporaryStores();
  storeContract(() => open());
});

// Where there is no server the run says so, and CI refuses to begin.
describe.skipIf(testServer === undefined)('on PostgreSQL, as the application role', () => {
  const server = temporaryPostgres(testServer ?? '');
  const { open } = temporaryStores((dir) => server.empty(dir));
  storeContract(() => open());
});
