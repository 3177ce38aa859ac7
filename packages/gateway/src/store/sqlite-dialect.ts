import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { oneConnectionDriver } from './one-connection-driver.ts';

/** Compiled statements that are kept. */
const STATEMENTS_MAX = 256;

/** Kysely over one `node:sqlite` connection. `before` runs ahead of each query and throws to refuse it. */
export function sqliteDialect(sqlite: DatabaseSync, hooks: SqliteHooks): Dialect {
  const connection = new Connection(sqlite, hooks);
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => oneConnectionDriver(connection),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** What stands around each query. */
export interface SqliteHooks {
  readonly before: () => void;
  /** Turns a failure of SQLite into the store's. */
  readonly translate: (cause: unknown) => unknown;
}

class Connection implements DatabaseConnection {
  readonly #sqlite: DatabaseSync;
  readonly #hooks: SqliteHooks;
  readonly #statements = new Map<string, { readonly statement: StatementSync; readonly isReader: boolean }>();

  constructor(sqlite: DatabaseSync, hooks: SqliteHooks) {
    this.#sqlite = sqlite;
    this.#hooks = hooks;
  }

  // Async, so that what `before` throws rejects the query.
  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    this.#hooks.before();
    try {
      const { statement, isReader } = this.#statement(sql);
      const values = parameters.map(bindable);
      // Rows are typed by the query that was compiled against the schema.
      if (isReader) return { rows: statement.all(...values) as R[] };
      const { changes } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes) };
    } catch (cause) {
      throw this.#hooks.translate(cause);
    }
  }

  streamQuery(): never {
    throw new Error('the store does not stream queries');
  }

  #statement(sql: string): { readonly statement: StatementSync; readonly isReader: boolean } {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
    const statement = this.#sqlite.prepare(sql);
    const prepared = { statement, isReader: statement.columns().length > 0 };
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

function bindable(value: unknown): string | number | bigint | Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  throw new TypeError(`a ${typeof value} cannot be stored`);
}
