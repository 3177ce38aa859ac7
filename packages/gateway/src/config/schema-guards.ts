import { z } from 'zod';

import { burstSchema } from './schema-blocks.ts';
import { addressRange, duration, rate, secret, size, text } from './fields.ts';
import { corsSchema } from './schema-routes.ts';
import { openApiSchema } from './schema-openapi.ts';
import { textSchema } from './schema-text.ts';
import { wafSchema } from './schema-waf.ts';

// A value that holds a line break would end the header field (CWE-113).
const FIELD_VALUE = /^[\x20-\x7e]{0,8192}$/;

/** Default limits and time-outs. */
export const limitsSchema = z
  .strictObject({
    general: rate()
      .prefault('300/15m')
      .describe(
        "Per session principal, else per address. API keys have `keys.defaultLimit` instead. A route's `limits` replace it.",
      ),
    credentials: rate().prefault('10/15m').describe('Failed credential attempts per address.'),
    refresh: rate().prefault('30/15m').describe('Refreshes and log-outs per session.'),
    burst: burstSchema,
    headersMax: size('1KiB', '1MiB').prefault('16KiB').describe('Largest request head.'),
    timeouts: z
      .strictObject({
        connect: duration('10ms', '5m').prefault('5s').describe('Until a connection to the upstream stands.'),
        headers: duration('10ms', '1h').prefault('60s').describe("Until the upstream's answer begins."),
        bodyIdle: duration('10ms', '1h')
          .prefault('60s')
          .describe('Between two pieces of an answer. Event streams and sockets are exempt.'),
        requestHead: duration('10ms', '5m').prefault('10s').describe("Until a request's head has arrived."),
        requestBody: duration('10ms', '1h')
          .prefault('60s')
          .describe("Until a request's body, or 16 KiB more of it, has arrived."),
        drain: duration('0s', '10m')
          .prefault('10s')
          .describe('How long open requests may go on after a stop was asked for.'),
      })
      .prefault({})
      .describe('How long the gate waits.'),
  })
  .prefault({})
  .describe('Default limits and time-outs.');

/** What is screened, and what every answer carries. */
export const guardsSchema = z
  .strictObject({
    sensitivePaths: z
      .array(z.string().startsWith('/'))
      .prefault([])
      .describe(
        'Further paths that are never served, beside the built-in ones (`.git`, `.env`, backups and their like).',
      ),
    addresses: z
      .strictObject({
        allow: z.array(addressRange()).prefault([]).describe('Only these may call. Empty: everybody.'),
        deny: z.array(addressRange()).prefault([]).describe('These may not call.'),
      })
      .prefault({})
      .describe('Client addresses, or CIDR ranges of them.'),
    cors: corsSchema.prefault({}),
    text: textSchema.optional(),
    schema: openApiSchema.optional(),
    waf: wafSchema.optional(),
    securityHeaders: z
      .strictObject({
        contentSecurityPolicy: text('a header value', FIELD_VALUE, "default-src 'self'")
          .default("default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'")
          .describe('Set where the upstream sends none.'),
        hstsMaxAge: duration('0s', '1095d')
          .prefault('365d')
          .describe('How long browsers insist on HTTPS. Sent over HTTPS only.'),
        permissionsPolicy: text('a header value', FIELD_VALUE, 'camera=()')
          .default('camera=(), microphone=(), geolocation=(), payment=(), usb=()')
          .describe('Browser features that pages may use.'),
      })
      .prefault({})
      .describe('Header fields of every answer. Others (nosniff, referrer, COOP, CORP) are fixed.'),
  })
  .prefault({})
  .describe('What is screened, and what every answer carries.');

/** Keys and values that must not leave. */
export const secretsSchema = z
  .strictObject({
    keyEncryptionKey: secret()
      .optional()
      .describe(
        'Wraps all other keys: 32 random bytes as hex or Base64, from `${file:…}` outside the data directory, or a variable. Production needs it.',
      ),
    scrub: z
      .array(secret(8))
      .prefault([])
      .describe('Never in an answer, whatever the application puts there. At least 8 characters each.'),
  })
  .prefault({})
  .describe('Keys, and values that must not leave. Write `${file:path}` or `${VARIABLE}`, never the value.');

/** What is recorded. */
export const auditSchema = z
  .strictObject({
    decisions: z
      .strictObject({
        keepFor: duration('1m', '30d')
          .prefault('24h')
          .describe('How long single decisions are kept for `steadygate explain`.'),
        sizeMax: size('1MiB', '100GiB').prefault('1GiB').describe('Disk space for them at most; the oldest go first.'),
      })
      .prefault({})
      .describe('The file of single decisions.'),
    recording: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .describe(
            'Keeps requests of the application for `steadygate replay`: masked, with the bodies that guards have read.',
          ),
        keepFor: duration('1m', '24h').prefault('24h').describe('How long they are kept.'),
        sizeMax: size('1MiB', '100GiB').prefault('1GiB').describe('Disk space for them at most; the oldest go first.'),
      })
      .prefault({})
      .describe('Recorded requests. Off by default.'),
  })
  .prefault({})
  .describe('What is recorded.');

/** The program's own log. */
export const logSchema = z
  .strictObject({
    level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('How much is logged.'),
  })
  .prefault({})
  .describe("The program's own log: JSON lines on standard output.");
