import { DatabaseError } from 'pg';
import { serverName, type PostgresSettings } from './postgres-settings.ts';
import { StoreError, type StoreErrorCode } from './store-error.ts';

/** SQLSTATE, whole or its first two characters (https://www.postgresql.org/docs/current/errcodes-appendix.html) → what it means for the store. */
const CODES: ReadonlyMap<string, StoreErrorCode> = new Map([
  ['08', 'unreachable'],
  ['57P01', 'unreachable'], // an administrator ended the connection
  ['57P02', 'unreachable'],
  ['57P03', 'unreachable'], // starting up, or shutting down
  ['57P05', 'unreachable'],
  ['25P03', 'unreachable'], // the connection idled in a change
  ['28', 'refused'],
  ['3D000', 'refused'],
  ['42501', 'refused'],
  ['53100', 'full'],
  ['53', 'busy'],
  ['57014', 'busy'], // a time-out
  ['55P03', 'busy'],
  ['40', 'busy'],
  ['25006', 'busy'], // a standby
  ['XX001', 'corrupt'],
  ['XX002', 'corrupt'],
]);

/** What a failure of PostgreSQL means for the store; undefined when it is about the statement. */
function postgresCode(cause: unknown): StoreErrorCode | undefined {
  if (cause instanceof RangeError || cause instanceof TypeError) return undefined;
  if (!(cause instanceof DatabaseError)) return isTlsRefusal(cause) ? 'refused' : 'unreachable';
  const { code = '' } = cause;
  return CODES.get(code) ?? CODES.get(code.slice(0, 2));
}

/** Asking again would not help: the server has no TLS, or not the certificate that it should have. */
function isTlsRefusal(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const code = 'code' in cause ? String(cause.code) : '';
  return /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/.test(code) || /does not support SSL/.test(cause.message);
}

/** Whether the connection may be used again: the server answered, and did not end it. */
export function survives(cause: unknown): boolean {
  return cause instanceof DatabaseError && postgresCode(cause) !== 'unreachable' && cause.code !== '25006';
}

const TEXTS: Readonly<Partial<Record<StoreErrorCode, string>>> = {
  unreachable: 'cannot be reached. The gate goes on as soon as it answers',
  refused: 'refuses',
  full: 'has no space left',
  busy: 'could not do it in time, or only reads',
  corrupt: 'reports damaged data. Restore a backup',
};

/** Turns a failure of PostgreSQL into the store's; what is about the statement stays as it is. */
export function storeFailure(cause: unknown, settings: PostgresSettings): unknown {
  if (cause instanceof StoreError) return cause;
  const code = postgresCode(cause);
  if (code === undefined) return cause;
  const help = isUnknownHere(cause) ? ` If it was never made ready, run: ${settings.prepareCommand}` : '';
  const text = `The database ${serverName(settings)} ${TEXTS[code] ?? code}: ${reasonOf(cause)}.${help}`;
  return new StoreError(code, text, { cause });
}

/** A role, or a database, that the server does not know. */
function isUnknownHere(cause: unknown): boolean {
  return cause instanceof DatabaseError && ['28000', '28P01', '3D000'].includes(cause.code ?? '');
}

/** Several addresses were tried: the first reason says enough. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
}
