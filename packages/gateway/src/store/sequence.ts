import type { Tx } from './database.ts';

/**
 * The next number of a gapless sequence: taken with the change, given back with its rollback.
 *
 * The row's lock makes commit order and number order the same.
 */
export async function nextNumber(tx: Tx, name: 'audit' | 'event' | 'object'): Promise<number> {
  const row = await tx.db
    .insertInto('sequence')
    .values({ name, value: 1 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((set) => ({ value: set('sequence.value', '+', 1) })))
    .returning('value')
    .executeTakeFirstOrThrow();
  return row.value;
}
