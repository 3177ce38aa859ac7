import type { DatabaseConnection, Driver } from 'kysely';

/** Kysely's driver over one connection. Transactions belong to the change queue: Kysely's own would run beside it. */
export function oneConnectionDriver(connection: DatabaseConnection): Driver {
  const refused = (): Promise<never> => Promise.reject(new Error('transactions go through Database.transaction'));
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    beginTransaction: refused,
    commitTransaction: refused,
    rollbackTransaction: refused,
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(),
  };
}
