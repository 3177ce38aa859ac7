import { Kysely } from 'kysely';
import { type Client, escapeLiteral } from 'pg';
import { writeSteps } from './migrations/migrate.ts';
import { postgresDialect } from './postgres-dialect.ts';
import { readPrepareFacts } from './postgres-facts.ts';
import { holdChanges, underLock, withClient } from './postgres-migrator.ts';
import {
  NOTHING_PRESENT,
  type PrepareFacts,
  preparePlan,
  type PrepareRequest,
  type PrepareStep,
} from './postgres-plan.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import { StoreError } from './store-error.ts';

/**
 * Makes a database ready for the gate, all of it or nothing. Doing it again changes nothing but what is missing.
 *
 * `settings` name an administrator: who may create roles and, in this database, schemas.
 *
 * @throws StoreError `refused`, `unreachable`, `newer-schema`
 */
export async function prepareDatabase(
  settings: PostgresSettings,
  request: PrepareRequest,
): Promise<readonly PrepareStep[]> {
  return withClient(settings, 'migrate', (client) =>
    underLock(client, settings, async () => {
      const steps = await stepsOn(client, request);
      await holdChanges(client, settings);
      for (const { statements } of steps) {
        for (const statement of statements) await client.query(statement);
      }
      return steps;
    }),
  );
}

/** The same without doing it; on a server of which nothing is known when there are no settings. */
export async function prepareSteps(
  settings: PostgresSettings | undefined,
  request: PrepareRequest,
): Promise<readonly PrepareStep[]> {
  if (settings === undefined) return planOf(request, NOTHING_PRESENT);
  return withClient(settings, 'migrate', (client) => stepsOn(client, request));
}

async function stepsOn(client: Client, request: PrepareRequest): Promise<readonly PrepareStep[]> {
  const facts = await readPrepareFacts(client, request);
  return planOf(request, facts);
}

async function planOf(request: PrepareRequest, facts: PrepareFacts): Promise<readonly PrepareStep[]> {
  return preparePlan(request, facts, await migrationStatements(request.schema, facts.version));
}

/** What the migrations would say, in order. */
async function migrationStatements(schema: string, after: number): Promise<readonly string[]> {
  const said: string[] = [];
  const query = (text: string, values: readonly unknown[]) => {
    said.push(withValues(text, values));
    return Promise.resolve({ rows: [], rowCount: null });
  };
  await writeSteps(new Kysely({ dialect: postgresDialect({ query }, schema) }), after);
  return said;
}

function withValues(text: string, values: readonly unknown[]): string {
  return text.replace(/\$(\d+)/g, (_, number: string) => {
    const value = values[Number(number) - 1];
    if (typeof value === 'number') return String(value);
    if (typeof value === 'string') return escapeLiteral(value);
    throw new StoreError('refused', 'A migration has a value that cannot be printed.');
  });
}
