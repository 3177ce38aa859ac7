import type { Kysely } from 'kysely';

/** `bytea` is PostgreSQL's name for bytes; SQLite stores bytes as they are whatever the column is called. */
export type ColumnType = 'text' | 'bigint' | 'bytea' | 'text?' | 'bigint?' | 'bytea?';

/** A table as data; `?` marks columns that may be null. */
export interface Table {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly key: readonly string[];
  readonly unique?: readonly (readonly string[])[];
  readonly indexes?: readonly (readonly string[])[];
  /** Column → `table.column`. */
  readonly references?: Readonly<Record<string, string>>;
}

/** Creates a table with its key, references and indexes. */
export async function createTable(db: Kysely<unknown>, name: string, table: Table): Promise<void> {
  let builder = db.schema.createTable(name).addPrimaryKeyConstraint(`${name}Key`, [...table.key] as never[]);
  for (const [column, type] of Object.entries(table.columns)) {
    const isNullable = type.endsWith('?');
    // Without its mark the type is one of the three names.
    const bare = type.replace('?', '') as 'text' | 'bigint' | 'bytea';
    const target = table.references?.[column];
    builder = builder.addColumn(column, bare, (definition) => {
      const nullable = isNullable ? definition : definition.notNull();
      return target === undefined ? nullable : nullable.references(target);
    });
  }
  await builder.execute();
  await createIndexes(db, name, table);
}

async function createIndexes(db: Kysely<unknown>, name: string, { unique = [], indexes = [] }: Table): Promise<void> {
  const all = [...unique.map((on) => ({ on, isUnique: true })), ...indexes.map((on) => ({ on, isUnique: false }))];
  for (const { on, isUnique } of all) {
    const index = db.schema
      .createIndex(`${name}By${on.map(capital).join('')}`)
      .on(name)
      .columns([...on]);
    await (isUnique ? index.unique() : index).execute();
  }
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
