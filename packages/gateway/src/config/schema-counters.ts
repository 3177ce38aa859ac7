import { z } from 'zod';

import { duration, refuse, secret, text } from './fields.ts';

const PREFIX = /^[\w.:-]{1,64}$/;

function isRedisUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(value);
  if (!/^rediss?:$/.test(protocol) || hostname === '' || !isDecodable(`${username}${password}`)) return false;
  return /^\/?\d{0,4}$/.test(pathname) && `${search}${hash}` === '';
}

function isDecodable(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    // decodeURIComponent has no other way to say no.
    return false;
  }
}

const redisUrl = () =>
  secret().superRefine((url, ctx) => {
    const hint = 'Such as rediss://user:password@cache.example.com:6379, or with a database number: …:6379/1.';
    if (!isRedisUrl(url.reveal())) refuse(ctx, 'is not a redis(s) address', hint);
  });

/** Where limits are counted. */
export const countersSchema = z
  .strictObject({
    kind: z
      .enum(['memory', 'redis'])
      .default('memory')
      .describe('`memory`: each instance by itself. `redis`: on a Redis 7 or Valkey, one budget for all instances.'),
    url: redisUrl()
      .optional()
      .describe(
        'Of `redis`: `rediss://user:password@host:6379/0`; `redis://` without TLS. Write `${VARIABLE}` or `${file:path}`, never the password.',
      ),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Of `redis`: PEM certificates that TLS trusts instead of the system's, relative to the configuration file.",
      ),
    prefix: text('a key prefix of letters, digits and . : _ -', PREFIX, 'steadygate:')
      .default('steadygate:')
      .describe('Of `redis`: how every key begins. Instances with the same prefix share their budgets.'),
    connectTimeout: duration('10ms', '1m').prefault('5s').describe('Of `redis`: until a connection stands.'),
    takeTimeout: duration('10ms', '10s')
      .prefault('250ms')
      .describe('Of `redis`: until a take is answered. Later, the request is refused with 503.'),
  })
  .superRefine(({ kind, url, caFile }, ctx) => {
    if (kind === 'redis' && url === undefined) refuse(ctx, 'names no `url`', 'Such as url: ${REDIS_URL}.');
    if (kind === 'memory' && (url ?? caFile) !== undefined) {
      refuse(ctx, 'names a server, and counts in memory', 'Set kind: redis, or remove `url` and `caFile`.');
    }
    if (caFile !== undefined && url?.reveal().startsWith('redis:') === true) {
      refuse(ctx, 'names certificates for a connection without TLS', 'Use rediss://, or remove `caFile`.');
    }
  })
  .prefault({})
  .describe('Where limits are counted.');
