import { escapeIdentifier, escapeLiteral } from 'pg';
import { ACCESS, type TableAccess } from './postgres-access.ts';
import { TENANT_SETTING } from './postgres-reach.ts';
import { EVERY_TENANT } from './reach.ts';

/** The roles besides the owner. */
export interface AccessRoles {
  readonly application: string;
  readonly readOnly: string;
}

const REACHED = `current_setting('${TENANT_SETTING}', true)`;

/**
 * Who may do what, said by the owner: the same whatever was said before. Without roles the owner is the application, too.
 *
 * The owner is held to the policies as well: nobody but a superuser goes around them.
 */
export function accessStatements(schema: string, roles: AccessRoles | undefined): readonly string[] {
  const named = roles === undefined ? undefined : quoted(roles);
  const here = escapeIdentifier(schema);
  const tables = Object.entries(ACCESS).map(([name, access]) => ({ table: escapeIdentifier(name), ...access }));
  return [
    `REVOKE ALL ON SCHEMA ${here} FROM PUBLIC`,
    ...(named === undefined ? [] : [`GRANT USAGE ON SCHEMA ${here} TO ${named.application}, ${named.readOnly}`]),
    ...tables.flatMap((table) => (table.hasTenant ? tenantPolicies(table.table, named) : [])),
    ...metaPolicies(named),
    ...tables.flatMap((table) => grants(table, named)),
  ];
}

function quoted({ application, readOnly }: AccessRoles): AccessRoles {
  return { application: escapeIdentifier(application), readOnly: escapeIdentifier(readOnly) };
}

function tenantPolicies(table: string, roles: AccessRoles | undefined): readonly string[] {
  const gate = roles === undefined ? 'CURRENT_USER' : `CURRENT_USER, ${roles.application}`;
  return [
    ...secured(table),
    ...policy('tenant', table, `USING ("tenantId" = ${REACHED})`),
    // The gate says so where it works across tenants; a reader looks at one tenant at a time.
    ...policy('everyTenant', table, `TO ${gate} USING (${REACHED} = ${escapeLiteral(EVERY_TENANT.tenantId)})`),
  ];
}

/** The application makes and wraps the data key, and cannot claim another schema; readers see no key. */
function metaPolicies(roles: AccessRoles | undefined): readonly string[] {
  const table = '"meta"';
  const owner = [...secured(table), ...policy('owner', table, 'TO CURRENT_USER USING (true)')];
  if (roles === undefined) return owner;
  const { application, readOnly } = roles;
  const isKey = `("key" = 'dataKey')`;
  return [
    ...owner,
    ...policy('look', table, `FOR SELECT TO ${application} USING (true)`),
    ...policy('makeKey', table, `FOR INSERT TO ${application} WITH CHECK ${isKey}`),
    ...policy('wrapKey', table, `FOR UPDATE TO ${application} USING ${isKey}`),
    ...policy('version', table, `FOR SELECT TO ${readOnly} USING ("key" = 'schemaVersion')`),
  ];
}

function secured(table: string): readonly string[] {
  return [`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`, `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`];
}

function policy(name: string, table: string, rule: string): readonly string[] {
  return [`DROP POLICY IF EXISTS "${name}" ON ${table}`, `CREATE POLICY "${name}" ON ${table} ${rule}`];
}

function grants(
  {
    table,
    application,
    visible,
  }: { readonly table: string } & Pick<TableAccess<unknown>, 'application'> & {
      readonly visible: readonly string[];
    },
  roles: AccessRoles | undefined,
): readonly string[] {
  const fromAll = `REVOKE ALL ON ${table} FROM PUBLIC`;
  if (roles === undefined) return [fromAll];
  const columns = visible.map((column) => escapeIdentifier(column)).join(', ');
  return [
    `${fromAll}, ${roles.application}, ${roles.readOnly}`,
    `GRANT ${application.join(', ')} ON ${table} TO ${roles.application}`,
    `GRANT SELECT (${columns}) ON ${table} TO ${roles.readOnly}`,
  ];
}
