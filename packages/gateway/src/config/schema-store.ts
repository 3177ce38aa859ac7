import { z } from 'zod';

import { duration, integer, refuse, secret, text } from './fields.ts';
import { isFault, isSocketFolder, parsePostgresUrl } from './postgres-url.ts';

const SCHEMA_NAME = /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/;

const postgresUrl = () =>
  secret().superRefine((url, ctx) => {
    const parsed = parsePostgresUrl(url.reveal());
    if (isFault(parsed)) refuse(ctx, parsed.message, parsed.hint);
  });

const pemFile = (what: string) => z.string().min(1).optional().describe(what);

/** Where state is kept. */
export const storeSchema = z
  .strictObject({
    kind: z
      .enum(['sqlite', 'postgres'])
      .default('sqlite')
      .describe('`sqlite`: in the data directory, for one process. `postgres`: on a PostgreSQL, for many.'),
    url: postgresUrl()
      .optional()
      .describe(
        'Of `postgres`: `postgres://user:password@host:5432/database?sslmode=verify-full`, or the folder of a socket as host: `%2Frun%2Fpostgresql`. Without `sslmode`: `verify-full`, but `disable` over a socket and in development on this machine. Write `${VARIABLE}` or `${file:path}`, never the password.',
      ),
    password: secret().optional().describe('Of `postgres`: the password, where `url` has none. Write `${file:path}`.'),
    caFile: pemFile(
      "Of `postgres`: PEM certificates that TLS trusts instead of the system's, relative to the configuration file.",
    ),
    certificateFile: pemFile('Of `postgres`: the PEM certificate that the gate shows, where the server asks for one.'),
    keyFile: pemFile('Of `postgres`: the private key of that certificate.'),
    schema: text('a name of lower-case letters, digits and _', SCHEMA_NAME, 'steadygate')
      .default('steadygate')
      .describe('Of `postgres`: the schema that holds the tables, and nothing else.'),
    connectionsMax: integer(1, 100)
      .prefault(8)
      .describe('Of `postgres`: connections that read. Each instance has two more: one writes, one watches.'),
    connectTimeout: duration('100ms', '1m').prefault('5s').describe('Of `postgres`: until a connection stands.'),
    statementTimeout: duration('100ms', '5m')
      .prefault('10s')
      .describe('Of `postgres`: until a statement is answered, waiting for locks included.'),
    idleTransactionTimeout: duration('1s', '5m')
      .prefault('3s')
      .describe(
        'Of `postgres`: a change whose instance says nothing for so long is undone. The changes of all instances wait for it.',
      ),
  })
  .superRefine(({ kind, url, password, caFile, certificateFile, keyFile }, ctx) => {
    const named = [url, password, caFile, certificateFile, keyFile].some((value) => value !== undefined);
    if (kind === 'postgres' && url === undefined) refuse(ctx, 'names no `url`', 'Such as url: ${DATABASE_URL}.');
    if (kind === 'sqlite' && named) refuse(ctx, 'names a server, and keeps state in a file', 'Set kind: postgres.');
    if ((certificateFile === undefined) !== (keyFile === undefined)) {
      refuse(ctx, 'needs a certificate and its key', 'Set both `certificateFile` and `keyFile`, or neither.');
    }
    if (url !== undefined) refuseUrlMix(url.reveal(), { password, hasFiles: Boolean(caFile ?? certificateFile) }, ctx);
  })
  .prefault({})
  .describe('Where state is kept.');

/** Two settings that contradict each other: one of them would silently not hold. */
function refuseUrlMix(text: string, beside: { password: unknown; hasFiles: boolean }, ctx: z.RefinementCtx): void {
  const url = parsePostgresUrl(text);
  if (isFault(url)) return;
  if (url.password !== undefined && beside.password !== undefined) {
    refuse(ctx, 'names two passwords', 'Write it in `url` or in `password`.');
  }
  if (beside.hasFiles && (url.sslMode === 'disable' || isSocketFolder(url.host))) {
    refuse(ctx, 'names certificates for a connection without TLS', 'Write sslmode=verify-full, or remove the files.');
  }
}
