import { parseRate } from '@steadygate/core';
import { z } from 'zod';

import { isAddressRange } from './address.ts';
import { Secret } from './secret.ts';
import { parseDuration, parseSize } from './units.ts';

/**
 * The kinds of values that the configuration is made of.
 *
 * Messages never quote the value: it may have come from a file or variable that holds a secret.
 */

/** A refusal in our own words. `hint` says what to write instead. */
export function refuse(ctx: z.RefinementCtx, message: string, hint: string): never {
  ctx.addIssue({ code: 'custom', message, params: { hint } });
  return z.NEVER;
}

/** A whole number; one that came as text from `${…}` counts. */
export function integer(min: number, max: number) {
  const number = z.int().min(min).max(max);
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
    number,
  );
}

/** `true` or `false`; as text from `${…}` too. */
export function flag() {
  const asBoolean = new Map<unknown, boolean>([
    ['true', true],
    ['false', false],
  ]);
  return z.preprocess((value) => asBoolean.get(value) ?? value, z.boolean());
}

/** A duration such as `15m`, parsed to milliseconds, within bounds that are written the same way. */
export function duration(min: string, max: string) {
  const minMs = parseDuration(min) ?? 0;
  const maxMs = parseDuration(max) ?? Infinity;
  return z
    .string()
    .meta({ unit: 'duration', least: min, most: max })
    .transform((text, ctx) => {
      const ms = parseDuration(text);
      if (ms === undefined)
        return refuse(ctx, 'is not a duration', 'Write a number with ms, s, m, h or d, such as 15m.');
      if (ms < minMs || ms > maxMs) return refuse(ctx, `is not between ${min} and ${max}`, `Choose ${min} to ${max}.`);
      return ms;
    });
}

/** A size such as `1MiB`, parsed to bytes. */
export function size(min: string, max: string) {
  const minBytes = parseSize(min) ?? 0;
  const maxBytes = parseSize(max) ?? Infinity;
  return z
    .string()
    .meta({ unit: 'size', least: min, most: max })
    .transform((text, ctx) => {
      const bytes = parseSize(text);
      if (bytes === undefined)
        return refuse(ctx, 'is not a size', 'Write a number with B, KiB, MiB or GiB, such as 1MiB.');
      if (bytes < minBytes || bytes > maxBytes)
        return refuse(ctx, `is not between ${min} and ${max}`, `Choose ${min} to ${max}.`);
      return bytes;
    });
}

/** A rate such as `300/15m`, with its text for messages. */
export function rate() {
  return z
    .string()
    .meta({ unit: 'rate' })
    .transform((text, ctx) => {
      const parsed = parseRate(text);
      if (parsed === undefined)
        return refuse(ctx, 'is not a rate', 'Write how many per how long, such as 300/15m or 10/s.');
      return { text, rate: parsed };
    });
}

/** A value that never prints. Comes from `${file:…}` or `${VARIABLE}`. */
export function secret(charactersMin = 1) {
  return z
    .string()
    .min(charactersMin)
    .meta({ unit: 'secret' })
    .transform((text) => new Secret(text));
}

/** Text of one form. The form's name stands in the message, the example in the hint. */
export function text(what: string, pattern: RegExp, example: string) {
  return z.string().superRefine((value, ctx) => {
    if (!pattern.test(value)) refuse(ctx, `is not ${what}`, `For example ${example}.`);
  });
}

/** An address or CIDR range, IPv4 or IPv6. */
export function addressRange() {
  return z.string().superRefine((value, ctx) => {
    if (!isAddressRange(value))
      refuse(ctx, 'is not an address or CIDR range', 'For example 10.0.0.0/8 or 2001:db8::/32.');
  });
}

/** An origin as browsers send it: scheme, host, and the port where it is not the default. */
export function origin() {
  return z.string().superRefine((value, ctx) => {
    if (!URL.canParse(value) || new URL(value).origin !== value) {
      refuse(ctx, 'is not an origin', 'Scheme and host as browsers send them, such as https://app.example.com.');
    }
  });
}

/** An HTTP base address, without credentials, query or fragment: those would leak into messages or get lost. */
export function httpUrl() {
  return z.string().superRefine((value, ctx) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const isPlain = url !== undefined && `${url.username}${url.password}${url.search}${url.hash}` === '';
    if (!isPlain || !/^https?:$/.test(url.protocol)) {
      refuse(ctx, 'is not an http(s) address', 'For example http://127.0.0.1:3000, without user, query or fragment.');
    }
  });
}

const NAME = /^[a-z][a-z0-9-]{0,62}$/;
const PERMISSION = /^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/;
const GRANT = /^(\*|(\*|[a-z][a-z0-9-]*):(\*|[a-z][a-z0-9-]*))$/;

/** The name of an upstream, role or resource. */
export const name = () => text('a name of lower-case letters, digits and hyphens', NAME, 'app');

/** What a route needs: `area:action`. */
export const permission = () => text('a permission', PERMISSION, 'orders:read');

/** What a role holds: a permission, or one with a wildcard. */
export const grant = () => text('a permission, nor one with a wildcard', GRANT, 'orders:read, orders:* or *:read');

/** One or several; always read as a list. */
export function oneOrMany<T extends z.ZodType>(item: T) {
  return z.union([z.array(item), item.transform((value): z.output<T>[] => [value])]);
}
