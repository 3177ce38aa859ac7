import type { PresentedCredential } from '../authenticator.ts';
import { allHeaders, type HeaderList } from '../header-list.ts';
import { claimsToBeApiKey } from './api-key.ts';

/** The gate's own cookies by name. */
export interface CookieNames {
  readonly access: string;
  readonly refresh: string;
}

/**
 * Which listener a session was begun on, and is good for: the application's, or the control plane's own (T1).
 *
 * Where the control plane has no listener of its own, every session is `session`.
 */
export type SessionAudience = 'session' | 'control';

/** Cookies that a browser sends over TLS only and that no other host can plant. */
const SECURE_COOKIES: Readonly<Record<SessionAudience, CookieNames>> = {
  session: { access: '__Host-token', refresh: '__Host-refresh' },
  control: { access: '__Host-control-token', refresh: '__Host-control-refresh' },
};
/** Without `Secure`: only where T16 allows them. */
const PLAIN_COOKIES: Readonly<Record<SessionAudience, CookieNames>> = {
  session: { access: 'token', refresh: 'refresh' },
  control: { access: 'control-token', refresh: 'control-refresh' },
};

/**
 * The cookie names of an environment: names without `__Host-` exist in development only (T16).
 *
 * Each audience has its own: browsers send a host's cookies to all of its ports (RFC 6265 §8.5).
 */
export function cookieNames(
  environment: 'development' | 'production',
  audience: SessionAudience = 'session',
): CookieNames {
  return (environment === 'production' ? SECURE_COOKIES : PLAIN_COOKIES)[audience];
}

/** The header field that carries an API key. A key of ours may also come as a bearer token. */
export const KEY_FIELD = 'x-api-key';

/**
 * The one credential of a request (T20): both session cookies together are one; `ambiguous` when there are more, such as
 * a cookie of ours or an API key beside any `Authorization`, or one of our cookies twice.
 *
 * `keyPrefix` tells API keys from other bearer tokens.
 */
export function presentedCredential(
  headers: HeaderList,
  names: CookieNames,
  keyPrefix: string,
): PresentedCredential | 'none' | 'ambiguous' {
  const authorizations = allHeaders(headers, 'authorization');
  const keys = allHeaders(headers, KEY_FIELD);
  const cookies = sessionCookies(headers, names);
  const count = authorizations.length + keys.length + (cookies === 'none' ? 0 : 1);
  if (count > 1 || cookies === 'ambiguous') return 'ambiguous';
  if (cookies !== 'none') return cookies;
  const [authorization] = authorizations;
  if (authorization !== undefined) return bearer(authorization, keyPrefix);
  const [key] = keys;
  return key === undefined || key === '' ? 'none' : { kind: 'key', key };
}

/** Another scheme is no credential of ours. RFC 6750 §2.1: `Bearer 1*SP b64token`, RFC 9110 §11.1: in any case. */
function bearer(authorization: string, keyPrefix: string): PresentedCredential | 'none' {
  const token = /^bearer +([\w.~+/-]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined) return 'none';
  return claimsToBeApiKey(token, keyPrefix) ? { kind: 'key', key: token } : { kind: 'bearer', token };
}

function sessionCookies(headers: HeaderList, names: CookieNames): PresentedCredential | 'none' | 'ambiguous' {
  const values = allHeaders(headers, 'cookie');
  const access = cookieValues(values, names.access);
  const refresh = cookieValues(values, names.refresh);
  if (access.length > 1 || refresh.length > 1) return 'ambiguous';
  const presented = { kind: 'cookies', access: access[0] || undefined, refresh: refresh[0] || undefined } as const;
  return presented.access === undefined && presented.refresh === undefined ? 'none' : presented;
}

/** RFC 6265 §5.4: `name=value` pairs divided by semicolons, in any number of fields; names are case-sensitive. */
function cookieValues(fields: readonly string[], name: string): readonly string[] {
  const found: string[] = [];
  for (const field of fields) {
    if (!field.includes(name)) continue;
    for (const pair of field.split(';')) {
      const equals = pair.indexOf('=');
      if (equals > 0 && pair.slice(0, equals).trim() === name) found.push(pair.slice(equals + 1).trim());
    }
  }
  return found;
}
