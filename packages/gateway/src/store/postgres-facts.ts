import type { Client } from 'pg';
import { refuseNewer } from './migrations/migrate.ts';
import type { PrepareFacts, PrepareRequest } from './postgres-plan.ts';
import { StoreError } from './store-error.ts';

/** Looks at what stands on the server already. @throws StoreError `refused` when a role cannot be what it shall be, `newer-schema` */
export async function readPrepareFacts(client: Client, request: PrepareRequest): Promise<PrepareFacts> {
  const { schema, roles } = request;
  const { rows: present } = await client.query<RoleRow>(ROLES, [Object.values(roles), roles.owner]);
  for (const role of present) assertHarmless(role, request);
  const { rows: schemas } = await client.query<{ owner: string }>(SCHEMA, [schema]);
  const { rows: foreign } = await client.query<{ name: string }>(FOREIGN, [schema, roles.owner]);
  const { rows: database } = await client.query<{ isOpen: boolean }>(OPEN);
  const schemaOwner = schemas[0]?.owner;
  return {
    present: new Set(present.map(({ name }) => name)),
    actsAsOwner: present.some(({ name, actsAs }) => name === roles.owner && actsAs),
    isOpenToConnect: database[0]?.isOpen === true,
    schemaOwner,
    foreign: foreign.map(({ name }) => name),
    version: schemaOwner === undefined ? 0 : await versionOf(client),
  };
}

interface RoleRow {
  readonly name: string;
  readonly isPowerful: boolean;
  /** Whether this connection may act as it. */
  readonly actsAs: boolean;
  readonly isOwner: boolean;
}

const ROLES = `
  SELECT r.rolname AS name, r.rolsuper OR r.rolbypassrls AS "isPowerful", pg_has_role(r.oid, 'MEMBER') AS "actsAs",
    EXISTS (SELECT FROM pg_roles o WHERE o.rolname = $2 AND pg_has_role(r.oid, o.oid, 'MEMBER')) AS "isOwner"
  FROM pg_roles r WHERE r.rolname = ANY ($1)`;

const OPEN = `SELECT has_database_privilege('public', current_database(), 'CONNECT') AS "isOpen"`;

const SCHEMA = `SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1`;

const FOREIGN = `
  SELECT format('TABLE %I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND pg_get_userbyid(c.relowner) <> $2
  UNION ALL
  SELECT format('FUNCTION %s', p.oid::regprocedure) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = $1 AND pg_get_userbyid(p.proowner) <> $2
  ORDER BY 1`;

function assertHarmless({ name, isPowerful, isOwner }: RoleRow, { roles }: PrepareRequest): void {
  if (isPowerful) {
    throw new StoreError(
      'refused',
      `The role ${name} goes around row-level security (SUPERUSER or BYPASSRLS): name another one.`,
    );
  }
  if (isOwner && name !== roles.owner) {
    throw new StoreError('refused', `The role ${name} may act as ${roles.owner}, which owns the tables: REVOKE that.`);
  }
}

async function versionOf(client: Client): Promise<number> {
  const { rows: tables } = await client.query<{ isThere: boolean }>(
    `SELECT to_regclass('"meta"') IS NOT NULL AS "isThere"`,
  );
  if (tables[0]?.isThere !== true) return 0;
  const { rows } = await client.query<{ value: string }>(`SELECT "value" FROM "meta" WHERE "key" = 'schemaVersion'`);
  const version = Number(rows[0]?.value ?? 0);
  refuseNewer(version);
  return version;
}
