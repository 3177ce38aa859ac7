import {
  type CompiledQuery,
  type DatabaseConnection,
  type DataTypeNode,
  type Dialect,
  type Kysely,
  PostgresAdapter,
  PostgresQueryCompiler,
  type QueryResult,
  sql,
} from 'kysely';
import { oneConnectionDriver } from './one-connection-driver.ts';

/** Something that runs statements: a pool's free connection, or the one of a change. */
export interface Statements {
  query(
    text: string,
    values: readonly unknown[],
  ): Promise<{ readonly rows: readonly unknown[]; readonly rowCount: number | null }>;
}

/** Kysely over PostgreSQL. `schema` is where it looks for tables. */
export function postgresDialect(statements: Statements, schema: string): Dialect {
  const connection = new Connection(statements);
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => oneConnectionDriver(connection),
    createIntrospector: (db) => introspectorOf(db, schema),
    createQueryCompiler: () => new Compiler(),
  };
}

/** Texts sort by their bytes as in SQLite: cursors mean the same, and no update of the system's locales breaks an index. */
class Compiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node);
    if (node.dataType === 'text') this.append(' collate "C"');
  }
}

class Connection implements DatabaseConnection {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  async executeQuery<R>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount } = await this.#statements.query(text, parameters);
    // Rows are typed by the query that was compiled against the schema.
    return { rows: rows as R[], ...(rowCount === null ? {} : { numAffectedRows: BigInt(rowCount) }) };
  }

  streamQuery(): never {
    throw new Error('the store does not stream queries');
  }
}

/**
 * Names of the own schema's tables; their columns are in `schema.ts`.
 *
 * Kysely's own looks at every table of the database, and fails when another program drops one meanwhile.
 */
function introspectorOf(db: Kysely<unknown>, schema: string): ReturnType<Dialect['createIntrospector']> {
  return {
    getSchemas: () => Promise.resolve([{ name: schema }]),
    getTables: async () => {
      const tables = sql<{ name: string }>`SELECT tablename AS name FROM pg_tables WHERE schemaname = ${schema}`;
      const { rows } = await tables.execute(db);
      return rows.map(({ name }) => ({ name, schema, isView: false, isForeign: false, columns: [] }));
    },
  };
}
