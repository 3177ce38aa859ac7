import { escapeIdentifier, escapeLiteral } from 'pg';
import { GUARDS_VERSION, guardStatements } from './postgres-guards.ts';

/** What a database is prepared for. */
export interface PrepareRequest {
  readonly database: string;
  readonly schema: string;
  readonly roles: PreparedRoles;
  /** What the server is to keep of the application's password (SCRAM); undefined: it logs in otherwise. */
  readonly verifier: string | undefined;
}

/** Three roles: who changes tables, who runs the gate, who only looks (SS9). */
export interface PreparedRoles {
  readonly owner: string;
  readonly application: string;
  readonly readOnly: string;
}

/** What stands on the server already. */
export interface PrepareFacts {
  /** Of the three, those that exist. */
  readonly present: ReadonlySet<string>;
  /** Whether the connection may act as the owner. */
  readonly actsAsOwner: boolean;
  /** Whether everybody may connect to the database, as is usual. */
  readonly isOpenToConnect: boolean;
  /** Undefined: there is no such schema. */
  readonly schemaOwner: string | undefined;
  /** Tables and functions of the schema that belong to somebody else, as SQL names them. */
  readonly foreign: readonly string[];
  /** The tables' version; 0: none. */
  readonly version: number;
}

/** On a server of which nothing is known. */
export const NOTHING_PRESENT: PrepareFacts = {
  present: new Set(),
  actsAsOwner: false,
  isOpenToConnect: false,
  schemaOwner: undefined,
  foreign: [],
  version: 0,
};

/** One thing that is done, and the statements that do it. */
export interface PrepareStep {
  readonly says: string;
  readonly statements: readonly string[];
}

/**
 * Everything that makes a database ready: pure, so that what is printed for an administrator is what would be done.
 *
 * `migrations` are the statements that bring the tables up to date.
 */
export function preparePlan(
  request: PrepareRequest,
  facts: PrepareFacts,
  migrations: readonly string[],
): readonly PrepareStep[] {
  const steps = [
    ...roleSteps(request, facts),
    ...(facts.isOpenToConnect ? [] : [connectStep(request)]),
    schemaStep(request, facts),
    ownershipStep(request, facts),
    actStep(request),
    { says: 'Bring the tables up to date', statements: migrations },
    accessStep(request),
  ];
  return steps.filter(({ statements }) => statements.length > 0);
}

function roleSteps({ roles, verifier }: PrepareRequest, facts: PrepareFacts): readonly PrepareStep[] {
  const harmless = 'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';
  const password = verifier === undefined ? '' : ` PASSWORD ${escapeLiteral(verifier)}`;
  const made = [
    { name: roles.owner, says: 'owns the tables', login: 'NOLOGIN' },
    { name: roles.application, says: 'runs the gate', login: `LOGIN${password}` },
    { name: roles.readOnly, says: 'only looks; grant it to whoever may', login: 'NOLOGIN' },
  ].filter(({ name }) => !facts.present.has(name));
  const owner = escapeIdentifier(roles.owner);
  return [
    ...made.map(({ name, says, login }) => ({
      says: `Create the role ${name}, which ${says}`,
      statements: [`CREATE ROLE ${escapeIdentifier(name)} ${login} ${harmless}`],
    })),
    {
      says: `Act as ${roles.owner} from here on`,
      statements: facts.actsAsOwner ? [] : [`GRANT ${owner} TO CURRENT_USER`],
    },
  ];
}

function schemaStep({ schema, roles }: PrepareRequest, { schemaOwner }: PrepareFacts): PrepareStep {
  const [named, owner] = [escapeIdentifier(schema), escapeIdentifier(roles.owner)];
  if (schemaOwner === undefined) {
    return { says: `Create the schema ${schema}`, statements: [`CREATE SCHEMA ${named} AUTHORIZATION ${owner}`] };
  }
  const statements = schemaOwner === roles.owner ? [] : [`ALTER SCHEMA ${named} OWNER TO ${owner}`];
  return { says: `Give the schema ${schema} to ${roles.owner}`, statements };
}

function connectStep({ database, roles }: PrepareRequest): PrepareStep {
  const those = `${escapeIdentifier(roles.application)}, ${escapeIdentifier(roles.readOnly)}`;
  return {
    says: `Let ${roles.application} and ${roles.readOnly} connect to ${database}`,
    statements: [`GRANT CONNECT ON DATABASE ${escapeIdentifier(database)} TO ${those}`],
  };
}

function ownershipStep({ roles }: PrepareRequest, { foreign }: PrepareFacts): PrepareStep {
  const owner = escapeIdentifier(roles.owner);
  return {
    says: `Give what stands in it to ${roles.owner}`,
    statements: foreign.map((name) => `ALTER ${name} OWNER TO ${owner}`),
  };
}

/** What comes into being belongs to the owner, and is nobody else's until it is granted. */
function actStep({ schema, roles }: PrepareRequest): PrepareStep {
  return {
    says: `Let ${roles.owner} grant by name only`,
    statements: [
      `SET LOCAL ROLE ${escapeIdentifier(roles.owner)}`,
      `SET LOCAL search_path TO ${escapeIdentifier(schema)}, pg_temp`,
      'ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC',
      'ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC',
    ],
  };
}

function accessStep({ schema, roles }: PrepareRequest): PrepareStep {
  const { application, readOnly } = roles;
  return {
    says: `Let ${application} and ${readOnly} do what they need, within one tenant's rows at a time`,
    statements: [
      ...guardStatements(schema, { application, readOnly }),
      meta('roles', JSON.stringify({ application, readOnly })),
      meta('guards', GUARDS_VERSION),
    ],
  };
}

function meta(key: string, value: string): string {
  const [k, v] = [escapeLiteral(key), escapeLiteral(value)];
  return `INSERT INTO "meta" ("key", "value") VALUES (${k}, ${v}) ON CONFLICT ("key") DO UPDATE SET "value" = ${v}`;
}
