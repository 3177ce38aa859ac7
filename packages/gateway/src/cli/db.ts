import { interpolate } from '../config/interpolate.ts';
import { valueSources } from '../config/load.ts';
import { isFault, parsePostgresUrl, type PostgresUrl } from '../config/postgres-url.ts';
import { Secret } from '../config/secret.ts';
import { type Call, type CliCommand, CONFIG_OPTION, JSON_OPTION } from './command.ts';
import type { DatabaseAdministrator, PreparedDatabase } from './deps.ts';
import { configSource } from './locations.ts';
import { UsageError } from './usage-error.ts';

const NAME = 'db prepare';

/** `steadygate db …` */
export const DB_COMMANDS: readonly CliCommand[] = [
  {
    name: NAME,
    summary: 'Make a PostgreSQL ready: roles, tables, rights, row-level security',
    options: {
      config: CONFIG_OPTION,
      'owner-url': {
        kind: 'text',
        value: 'URL',
        help: 'How an administrator reaches the same database',
      },
      'owner-role': { kind: 'text', value: 'ROLE', help: 'Owns the tables. Default: after the user of store.url' },
      'read-role': { kind: 'text', value: 'ROLE', help: 'Only looks. Default: after the user of store.url' },
      'print-sql': { kind: 'flag', help: 'Print the statements instead of running them' },
      json: JSON_OPTION,
    },
    notes: [
      "The password of URL: '${VARIABLE}' or '${file:path}' in its place, or the variable PGPASSWORD.",
      'All of it happens, or nothing. Doing it again does what is missing: run it before each upgrade.',
      'With --print-sql and without --owner-url: everything, for an empty database. No password is printed.',
    ],
    examples: [
      `db prepare --owner-url 'postgres://postgres:\${PASSWORD}@db.example.com/steadygate'`,
      'db prepare --owner-url postgres://postgres@%2Frun%2Fpostgresql/steadygate',
      'db prepare --print-sql > prepare.sql',
    ],
    run: async (call) => {
      const { args, deps, io } = call;
      const isPrinted = args.flag('print-sql');
      const prepared = await deps.prepareDatabase(configSource(args, io), {
        administrator: administrator(call),
        ownerRole: args.text('owner-role'),
        readRole: args.text('read-role'),
        isPrinted,
      });
      if (isPrinted) printSql(prepared, call);
      else print(prepared, call);
      return 0;
    },
  },
];

function administrator({ args, io }: Call): DatabaseAdministrator | undefined {
  const text = args.text('owner-url');
  if (text === undefined) {
    if (args.flag('print-sql')) return undefined;
    throw new UsageError('--owner-url is missing: who may create roles and schemas there?', NAME);
  }
  const filled = interpolate(text, valueSources(io.cwd, io.env));
  const [failure] = filled.failures;
  if (failure !== undefined) throw new UsageError(`--owner-url ${failure.message}. ${failure.hint}`, NAME);
  const url = parsePostgresUrl(filled.text);
  if (isFault(url)) throw new UsageError(`--owner-url ${url.message}. ${url.hint}`, NAME);
  if (url.password !== undefined && filled.used.length === 0) {
    const help = `Write '\${VARIABLE}' or '\${file:path}' in its place, or set PGPASSWORD.`;
    throw new UsageError(`--owner-url holds a password, which everybody on this machine can see. ${help}`, NAME);
  }
  return { url: withoutPassword(url), password: passwordOf(url, io.env['PGPASSWORD']) };
}

function withoutPassword(url: PostgresUrl): DatabaseAdministrator['url'] {
  const { password: _, ...rest } = url;
  return rest;
}

function passwordOf({ password }: PostgresUrl, variable: string | undefined): Secret | undefined {
  const text = password ?? variable;
  return text === undefined || text === '' ? undefined : new Secret(text);
}

function toJson({ database, schema, roles, steps }: PreparedDatabase): Readonly<Record<string, unknown>> {
  return { database, schema, roles, steps: steps.map(({ says }) => says) };
}

function print(prepared: PreparedDatabase, { out }: Call): void {
  if (out.isJson) out.json({ ok: true, ...toJson(prepared) });
  for (const { says } of prepared.steps) out.line(`${out.tone('green', 'done')}  ${out.plain(says)}`);
  const { database, roles } = prepared;
  out.line(`The database ${out.plain(database)} is ready. The gate logs in as ${out.plain(roles.application)}.`);
}

function printSql(prepared: PreparedDatabase, { out }: Call): void {
  const sql = sqlText(prepared);
  if (out.isJson) out.json({ ...toJson(prepared), sql });
  out.line(sql);
}

function sqlText({ database, schema, roles, steps }: PreparedDatabase): string {
  const parts = steps.flatMap(({ says, statements }) => ['', `-- ${says}`, ...statements.map((text) => `${text};`)]);
  return [
    `-- Makes the database ${database} ready for Steadygate, in the schema ${schema}.`,
    '-- Run it there as who may create roles and schemas: psql -v ON_ERROR_STOP=1 -f FILE',
    'BEGIN;',
    `SET LOCAL search_path TO "${schema}", pg_temp;`,
    ...parts,
    '',
    'COMMIT;',
    `-- Then give the application its password: \\password ${roles.application}`,
  ].join('\n');
}
