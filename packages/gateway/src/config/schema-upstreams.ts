import { z } from 'zod';

import { duration, httpUrl, integer, name, refuse, secret, text } from './fields.ts';
import { HOST_VALUE } from './schema-listen.ts';

// Framing, hop-by-hop and identity fields are the gate's own to write (T2).
const HEADER_NAME =
  /^(?!(?:host|connection|content-length|transfer-encoding|te|trailer|upgrade|keep-alive|expect|cookie|forwarded)$|x-forwarded-|x-steadygate-|proxy-)[a-z0-9-]{1,128}$/;
// RFC 9112 §3.2.1, as the client will send it.
const CHECK_PATH = /^\/[\u0021\u0022\u0024-\u007E]{0,1023}$/;

const TARGETS_MAX = 64;

const target = z.strictObject({
  url: httpUrl()
    .superRefine((value, ctx) => {
      if (!URL.canParse(value) || new URL(value).pathname === '/') return;
      refuse(ctx, 'names a path', 'Only scheme, host and port: paths go up as they were asked for.');
    })
    .describe(
      'Address of one process, such as `http://10.0.0.1:3000`. A name counts as one target, whatever it resolves to.',
    ),
  weight: integer(1, 100).prefault(1).describe('Its share of requests, beside those of the others.'),
});

const targets = z
  .array(target)
  .min(1)
  .max(TARGETS_MAX)
  .superRefine((list, ctx) => {
    const origins = list.map(({ url }) => (URL.canParse(url) ? new URL(url).origin : url));
    if (new Set(origins).size < origins.length) {
      refuse(ctx, 'names a target twice', 'Give one that shall get more a higher `weight`.');
    }
  })
  .optional()
  .describe('Several addresses of the same application, instead of `url`.');

const status = integer(100, 599);

const health = z
  .strictObject({
    path: text('a path', CHECK_PATH, '/health').describe('Asked with GET, without any credential.'),
    every: duration('100ms', '1h').prefault('5s').describe('Between two checks of a target, a fifth more or less.'),
    timeout: duration('10ms', '1m').prefault('2s').describe('Until the whole answer has come.'),
    healthyAfter: integer(1, 100).prefault(2).describe('Good checks in a row that bring a target back.'),
    unhealthyAfter: integer(1, 100).prefault(3).describe('Bad checks in a row that take a target out.'),
    status: z.array(status).max(50).prefault([]).describe('Good statuses. Empty: 200 to 299.'),
  })
  .optional()
  .describe('Asks each target again and again whether it works. Absent: only requests show it.');

const ejectionBlock = z.strictObject({
  failures: integer(1, 1000).prefault(5).describe('Failures in a row after which a target is left out.'),
  for: duration('100ms', '1h').prefault('10s').describe('How long; twice as long each time it fails again.'),
  forMax: duration('100ms', '24h').prefault('5m').describe('How long at most.'),
});

const ejection = z
  .union([z.literal('off'), ejectionBlock])
  .optional()
  .describe(
    'Leaves targets out whose requests fail: no connection, an answer that breaks off or begins too late. Never the last one. Absent: as an empty block.',
  );

const retryBlock = z.strictObject({
  attempts: integer(1, 3).prefault(1).describe('Further targets that one request may try.'),
  share: integer(1, 100).prefault(20).describe('Retries in a hundred requests, beyond the reserve: more are not made.'),
  reserve: integer(1, 10_000)
    .prefault(100)
    .describe('Retries that may come at once, as when a target dies with requests under way.'),
});

const retry = z
  .union([z.literal('off'), retryBlock])
  .optional()
  .describe(
    'Asks another target when nothing was sent yet, or when a GET or HEAD broke off before its answer. Absent: as an empty block.',
  );

const concurrency = z
  .strictObject({
    max: integer(1, 100_000).describe('Requests, streams and sockets in flight at once, over all targets.'),
    queue: integer(0, 100_000)
      .prefault(0)
      .describe('Further requests that wait for a place, first come, first served.'),
    wait: duration('1ms', '1m').prefault('1s').describe('How long one waits before it is answered 503.'),
  })
  .optional()
  .describe('Bounds what the upstream gets at once. Absent: unbounded.');

const breaker = z
  .strictObject({
    failures: integer(1, 100).prefault(50).describe('Failures in a hundred requests that open it.'),
    requests: integer(1, 100_000)
      .prefault(20)
      .describe('Requests within `within` below which that share means nothing.'),
    within: duration('100ms', '10m').prefault('10s').describe('The time that counts.'),
    open: duration('100ms', '10m').prefault('10s').describe('How long every request is answered 503 at once.'),
    probes: integer(1, 100)
      .prefault(3)
      .describe('Requests that are let through then, and must all succeed to close it.'),
  })
  .optional()
  .describe('Leaves the upstream alone, as a whole, while most requests fail. Absent: it is always asked.');

const upstream = z
  .strictObject({
    url: httpUrl().optional().describe('Base address, such as `http://127.0.0.1:3000`. Either this or `targets`.'),
    targets,
    host: text('a host name in lower case', HOST_VALUE, 'app.internal')
      .optional()
      .describe("`Host` that targets get, and the name in their TLS certificates. Absent: each target's own."),
    balance: z
      .enum(['roundRobin', 'leastConnections'])
      .default('roundRobin')
      .describe('Targets in turn, or the one with the fewest requests, streams and sockets in flight; by weight.'),
    health,
    ejection,
    retry,
    concurrency,
    breaker,
    failureStatuses: z
      .array(status)
      .max(50)
      .prefault([])
      .describe(
        'Statuses of answers that count as failures for `ejection` and `breaker`, such as 502, 503 and 504. Callers can often provoke them.',
      ),
    injectHeaders: z
      .record(text('a header name in lower case that may be injected', HEADER_NAME, 'x-api-key'), secret())
      .prefault({})
      .describe("Header fields set on the way up, such as a provider's key. Their values are scrubbed from answers."),
  })
  .superRefine((value, ctx) => {
    if ((value.url === undefined) === (value.targets === undefined)) {
      refuse(
        ctx,
        'needs one of `url` and `targets`',
        'One address: url: http://127.0.0.1:3000. Several: a list of targets.',
      );
    }
    const idle = (['ejection', 'retry'] as const).filter((key) => value.url !== undefined && value[key] !== undefined);
    for (const key of idle) refuse(ctx, `has \`${key}\`, which needs several targets`, 'Remove it, or list `targets`.');
  });

/** Where requests go. */
export const upstreamsSchema = z.record(name(), upstream).describe('Name → the application behind the gate.');

/** An upstream as configured, defaults filled in. */
export type ConfigUpstream = z.output<typeof upstream>;

/** Every address of an upstream; `url` is a list of one. */
export function targetsOf({ url, targets: list }: Pick<ConfigUpstream, 'url' | 'targets'>): readonly ConfigTarget[] {
  return list ?? (url === undefined ? [] : [{ url, weight: 1 }]);
}

/** One address of an upstream. */
export type ConfigTarget = z.output<typeof target>;

/** What a block means that says nothing. */
export const EJECTION_DEFAULTS = ejectionBlock.parse({});
export const RETRY_DEFAULTS = retryBlock.parse({});
