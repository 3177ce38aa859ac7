import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { type ClientConfig, escapeIdentifier, types } from 'pg';
import { reachStatement } from './postgres-reach.ts';
import type { PostgresSettings, PostgresTls } from './postgres-settings.ts';
import { EVERY_TENANT } from './reach.ts';

/** PostgreSQL's numbers of the types that are read differently here. */
const INT8 = 20;
const BYTEA = 17;

/** The server ends a statement first; beyond this the network is gone, and nobody else will say so. */
const ANSWER_GRACE_MS = 1_000;

/** A server that takes longer to say anything at all is as good as away. */
const BEAT_TIMEOUT_MS = 2_000;

/** What a connection is for. Readers cannot write, whatever they are asked. */
export type ConnectionUse = 'read' | 'write' | 'migrate' | 'watch';

/** The client's options. Everything is said, so that no `PG…` variable of the process decides. */
export function clientConfig(settings: PostgresSettings, use: ConnectionUse): ClientConfig {
  const { host, port, database, user, password, connectTimeoutMs, statementTimeoutMs } = settings;
  return {
    host,
    port,
    database,
    user,
    // A function, so that the text stands in no object that somebody prints.
    password: () => password?.reveal() ?? '',
    ssl: tlsOptions(settings.tls, host),
    application_name: `steadygate ${use}`,
    connectionTimeoutMillis: connectTimeoutMs,
    ...answerTimeout(use, statementTimeoutMs),
    ...(settings.makeSocket === undefined ? {} : { stream: settings.makeSocket }),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  };
}

/**
 * What a new connection is told first, as one text of statements.
 *
 * `pg_temp` is named last: left out, a temporary table could stand in front of a real one.
 */
export function sessionStatements(settings: PostgresSettings, use: ConnectionUse): string {
  const { schema, statementTimeoutMs, idleTransactionTimeoutMs } = settings;
  const isMigrating = use === 'migrate';
  return [
    `SET search_path TO ${escapeIdentifier(schema)}, pg_temp`,
    `SET statement_timeout TO ${isMigrating ? 0 : statementTimeoutMs}`,
    `SET idle_in_transaction_session_timeout TO ${idleTransactionTimeoutMs}`,
    `SET default_transaction_read_only TO ${use === 'read' ? 'on' : 'off'}`,
    // An acknowledged change is on disk, whatever the server's default says; stronger settings stay.
    `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`,
    ...(isMigrating ? [reachStatement(EVERY_TENANT, 'connection')] : []),
  ].join('; ');
}

function answerTimeout(use: ConnectionUse, statementTimeoutMs: number): ClientConfig {
  if (use === 'migrate') return {};
  return { query_timeout: use === 'watch' ? BEAT_TIMEOUT_MS : statementTimeoutMs + ANSWER_GRACE_MS };
}

function tlsOptions({ mode, ca, certificate, key }: PostgresTls, host: string): ConnectionOptions | false {
  if (mode === 'disable') return false;
  const own = certificate === undefined ? {} : { cert: certificate, key };
  const trust = ca === undefined ? {} : { ca };
  return {
    minVersion: 'TLSv1.2',
    ...own,
    ...trust,
    rejectUnauthorized: mode !== 'require',
    // The client names no host to TLS when it is an address: the check must have it all the same.
    checkServerIdentity: (_name, peer) => (mode === 'verify-full' ? checkServerIdentity(host, peer) : undefined),
  };
}

function getTypeParser(type: number, format?: 'text' | 'binary'): (text: string) => unknown {
  if (format !== 'binary' && type === INT8) return wholeNumber;
  if (format !== 'binary' && type === BYTEA) return bytes;
  return types.getTypeParser(type, format);
}

/** Times and counts: beyond 2⁵³ a number would silently be another one. */
function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a stored number is too large');
  return value;
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}
