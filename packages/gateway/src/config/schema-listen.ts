import { z } from 'zod';

import { isLoopbackHost, isLoopbackRange, type ListenAddress, parseListenAddress } from './address.ts';
import { addressRange, integer, origin, refuse, text } from './fields.ts';

/** A `Host` value in lower case: a name or address, with a port where it is not the default. */
export const HOST_VALUE = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/;
const BIND_HOST = /^[0-9A-Za-z:.-]{1,253}$/;

const address = {
  host: text('an address to bind', BIND_HOST, '127.0.0.1')
    .default('127.0.0.1')
    .describe('Address to bind. Development refuses anything but loopback.'),
  port: integer(0, 65_535).prefault(8080).describe('Port to bind; 0 lets the system choose.'),
  hosts: z
    .array(text('a host name in lower case', HOST_VALUE, 'app.example.com or localhost:8080'))
    .prefault([])
    .describe(
      'Accepted `Host` values. Empty: those of `origins`; with those empty too, loopback names in development and any in production.',
    ),
  origins: z
    .array(origin())
    .prefault([])
    .describe(
      'Own public origins, such as `https://app.example.com`: cookie requests from elsewhere need a CSRF token. Empty: derived from `hosts`.',
    ),
};

const shorthand = z
  .string()
  .describe('`HOST:PORT`')
  .transform((value, ctx) => {
    const parsed = parseListenAddress(value);
    return parsed ?? refuse(ctx, 'is not HOST:PORT', 'For example 127.0.0.1:8080 or [::1]:8080.');
  });

const controlObject = z.strictObject({
  ...address,
  port: integer(0, 65_535).prefault(8081).describe('Port to bind; 0 lets the system choose.'),
});

const metricsObject = z
  .strictObject({
    host: address.host,
    port: integer(0, 65_535).prefault(9464).describe('Port to bind; 0 lets the system choose.'),
    hosts: z
      .array(text('a host name in lower case', HOST_VALUE, 'gate.internal or gate.internal:9464'))
      .prefault([])
      .describe('Accepted `Host` values, besides addresses and `localhost`.'),
    from: z
      .array(addressRange())
      .min(1)
      .prefault(['127.0.0.0/8', '::1/128'])
      .describe('Addresses or CIDR ranges that are answered. A bind that others reach needs them named.'),
  })
  .superRefine(({ host, from }, ctx) => {
    if (isLoopbackHost(host) || !from.every(isLoopbackRange)) return;
    refuse(ctx, 'binds an address that others reach, and answers this machine only', 'List who may read it in `from`.');
  });

const listenObject = z.strictObject({
  ...address,
  socketsMax: integer(1, 1_000_000)
    .prefault(10_000)
    .describe('Open connections at most; further ones wait in the backlog or are closed.'),
  control: z
    .union([controlObject, shorthand.transform((parsed) => controlObject.parse(parsed))])
    .optional()
    .describe(
      "A listener of its own for `/control`, `/console` and `/auth` pages. Without it, production answers an HTML page of an upstream with 502, because that page would share the console's origin.",
    ),
  metrics: z
    .union([metricsObject, shorthand.transform((parsed, ctx) => metricsAt(parsed, ctx))])
    .optional()
    .describe(
      'A listener of its own for `/metrics`, without a credential: plain HTTP, for whoever stands in `from`. Without it metrics need the permission `metrics:read` or the control socket.',
    ),
});

/** An address alone says who may read only where nobody else can. */
function metricsAt(parsed: ListenAddress, ctx: z.RefinementCtx) {
  const result = metricsObject.safeParse(parsed);
  if (result.success) return result.data;
  return refuse(ctx, 'binds an address that others reach', 'Write host, port and from, which lists who may read it.');
}

/** Where the gate listens: `HOST:PORT`, or the same in detail. */
export const listenSchema = z
  .union([listenObject, shorthand.transform((parsed) => listenObject.parse(parsed))])
  .prefault({})
  .describe('Where the gate listens.');

/** Who ends TLS. */
export const tlsSchema = z
  .strictObject({
    terminatedBy: z
      .enum(['nginx', 'caddy', 'traefik', 'haproxy', 'envoy', 'load-balancer', 'proxy'])
      .optional()
      .describe('What ends TLS in front of the gate. List its address in `trustedProxies`.'),
    certificateFile: z
      .string()
      .min(1)
      .optional()
      .describe('PEM certificate chain, relative to the configuration file.'),
    keyFile: z.string().min(1).optional().describe('PEM private key, relative to the configuration file, mode 600.'),
  })
  .superRefine((tls, ctx) => {
    const files = [tls.certificateFile, tls.keyFile].filter((file) => file !== undefined).length;
    if (files === 1) refuse(ctx, 'names only one of `certificateFile` and `keyFile`', 'Name both.');
    if (files > 0 === (tls.terminatedBy !== undefined)) {
      refuse(ctx, 'says not clearly who ends TLS', 'Name either `terminatedBy`, or `certificateFile` and `keyFile`.');
    }
  })
  .optional()
  .describe('Who ends TLS. Production refuses a public listener without it.');

/** Whose forwarding headers count. */
export const trustedProxiesSchema = z
  .array(addressRange())
  .prefault([])
  .describe(
    'Addresses or CIDR ranges of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count. Empty: nobody is trusted.',
  );
