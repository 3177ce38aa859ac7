import type { Client } from 'pg';
import { refuseNewer } from './migrations/migrate.ts';
import { unprepared, withClient } from './postgres-migrator.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import type { PostgresFacts } from './store-facts.ts';

/** Asks the server what connection and role the gate has, over a connection of its own that names no tenant. */
export function inspectPostgres(settings: PostgresSettings): Promise<PostgresFacts> {
  const { mode, ca } = settings.tls;
  // Of `verify-ca` without an authority of one's own any certificate of the public ones is good enough: that verifies nobody.
  const isVerified = mode === 'verify-full' || (mode === 'verify-ca' && ca !== undefined);
  return withClient(settings, 'read', async (client) => {
    await assertReady(client, settings);
    const { role, goesAround, protocol, isDurable, ...may } = await one<RoleRow>(client, ROLE);
    const { rows } = await client.query<{ name: string }>(UNPROTECTED);
    const { seen } = await one<{ seen: number }>(client, SEEN);
    return {
      kind: 'postgres',
      role,
      connection: { isSocket: settings.host.startsWith('/'), protocol: protocol ?? undefined, isVerified },
      goesAround,
      excess: EXCESS.filter(([column]) => may[column]).map(([, words]) => words),
      unprotected: rows.map(({ name }) => name),
      seenWithoutTenant: seen,
      isDurable,
    };
  });
}

/** @throws StoreError `unprepared`, `newer-schema` */
async function assertReady(client: Client, settings: PostgresSettings): Promise<void> {
  const { isThere } = await one<{ isThere: boolean }>(
    client,
    `SELECT to_regclass('"auditEntry"') IS NOT NULL AS "isThere"`,
  );
  if (!isThere) throw unprepared(settings);
  const { version } = await one<{ version: string }>(
    client,
    `SELECT max("value") AS version FROM "meta" WHERE "key" = 'schemaVersion'`,
  );
  refuseNewer(Number(version));
}

interface RoleRow extends Readonly<Record<(typeof EXCESS)[number][0], boolean>> {
  readonly role: string;
  readonly goesAround: boolean;
  readonly protocol: string | null;
  readonly isDurable: boolean;
}

const EXCESS = [
  ['isOwner', 'act as the owner of the tables'],
  ['makesTables', 'make tables'],
  ['makesSchemas', 'make schemas'],
  ['makesRoles', 'make roles'],
  ['changesLog', 'change log entries'],
  ['deletesLog', 'delete log entries'],
  ['emptiesLog', 'empty the log'],
] as const;

const ROLE = `
  SELECT current_user::text AS role, r.rolsuper OR r.rolbypassrls AS "goesAround", s.version AS protocol,
    current_setting('fsync')::boolean AS "isDurable",
    (SELECT pg_has_role(c.relowner, 'MEMBER') FROM pg_class c WHERE c.oid = '"auditEntry"'::regclass) AS "isOwner",
    has_schema_privilege(current_schema(), 'CREATE') AS "makesTables",
    has_database_privilege(current_database(), 'CREATE') AS "makesSchemas",
    r.rolcreaterole AS "makesRoles",
    has_table_privilege('"auditEntry"', 'UPDATE') AS "changesLog",
    has_table_privilege('"auditEntry"', 'DELETE') AS "deletesLog",
    has_table_privilege('"auditEntry"', 'TRUNCATE') AS "emptiesLog"
  FROM pg_roles r LEFT JOIN pg_stat_ssl s ON s.pid = pg_backend_pid() AND s.ssl WHERE r.rolname = current_user`;

const UNPROTECTED = `
  SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'tenantId'
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
  ORDER BY 1`;

const SEEN = `SELECT count(*) AS seen FROM "auditEntry"`;

async function one<Row extends object>(client: Client, text: string): Promise<Row> {
  const { rows } = await client.query<Row>(text);
  const [row] = rows;
  if (row === undefined) throw new Error('the server said nothing of itself');
  return row;
}
