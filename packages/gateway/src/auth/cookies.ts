import { type CookieNames, cookieNames, type HeaderList, type SessionAudience } from '@steadygate/core';

/** How the gate's cookies are set. Without `Secure` they exist only in development on loopback (T16). */
export interface CookieStyle extends CookieNames {
  readonly isSecure: boolean;
}

/** The cookies of an environment and a listener. */
export function cookieStyle(environment: 'development' | 'production', audience: SessionAudience): CookieStyle {
  return { ...cookieNames(environment, audience), isSecure: environment === 'production' };
}

interface CookieValue {
  readonly value: string;
  readonly maxAgeSeconds: number;
}

/** `Set-Cookie` fields for the tokens given: never readable by scripts, never sent along from other sites (SB21). */
export function tokenCookies(names: CookieStyle, tokens: { access?: CookieValue; refresh?: CookieValue }): HeaderList {
  const fields: string[] = [];
  if (tokens.access !== undefined) fields.push('set-cookie', render(names, names.access, tokens.access));
  if (tokens.refresh !== undefined) fields.push('set-cookie', render(names, names.refresh, tokens.refresh));
  return fields;
}

/** `Set-Cookie` fields that end both cookies. */
export function clearedCookies(names: CookieStyle): HeaderList {
  const gone = { value: '', maxAgeSeconds: 0 };
  return tokenCookies(names, { access: gone, refresh: gone });
}

function render(names: CookieStyle, name: string, { value, maxAgeSeconds }: CookieValue): string {
  const secure = names.isSecure ? '; Secure' : '';
  return `${name}=${value}; Path=/; HttpOnly${secure}; SameSite=Strict; Max-Age=${Math.max(0, Math.floor(maxAgeSeconds))}`;
}
