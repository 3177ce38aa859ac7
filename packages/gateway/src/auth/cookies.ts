import type { HeaderList } from '@steadygate/core';

/** Names of the gate's cookies. Without `Secure` they exist only in development on loopback (T16). */
export interface CookieNames {
  readonly access: string;
  readonly refresh: string;
  readonly isSecure: boolean;
}

export const SECURE_COOKIES: CookieNames = { access: '__Host-token', refresh: '__Host-refresh', isSecure: true };
export const DEVELOPMENT_COOKIES: CookieNames = { access: 'token', refresh: 'refresh', isSecure: false };

interface CookieValue {
  readonly value: string;
  readonly maxAgeSeconds: number;
}

/** `Set-Cookie` fields for the tokens given: never readable by scripts, never sent along from other sites (SB21). */
export function tokenCookies(names: CookieNames, tokens: { access?: CookieValue; refresh?: CookieValue }): HeaderList {
  const fields: string[] = [];
  if (tokens.access !== undefined) fields.push('set-cookie', render(names, names.access, tokens.access));
  if (tokens.refresh !== undefined) fields.push('set-cookie', render(names, names.refresh, tokens.refresh));
  return fields;
}

/** `Set-Cookie` fields that end both cookies. */
export function clearedCookies(names: CookieNames): HeaderList {
  const gone = { value: '', maxAgeSeconds: 0 };
  return tokenCookies(names, { access: gone, refresh: gone });
}

function render(names: CookieNames, name: string, { value, maxAgeSeconds }: CookieValue): string {
  const secure = names.isSecure ? '; Secure' : '';
  return `${name}=${value}; Path=/; HttpOnly${secure}; SameSite=Strict; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}`;
}
