// Those without the prefix exist only in development (T16); stripped always, so that a mixed set-up leaks nothing either.
const OWN_PLAIN: ReadonlySet<string> = new Set(['token', 'refresh', 'control-token', 'control-refresh']);
const OWN: ReadonlySet<string> = new Set([...OWN_PLAIN, ...[...OWN_PLAIN].map((name) => `__Host-${name}`)]);
// Folded to letters and digits.
const OWN_PREFIXED: ReadonlySet<string> = new Set(
  [...OWN_PLAIN].map((name) => name.replace('-', '')).flatMap((name) => [`host${name}`, `secure${name}`]),
);

/**
 * Whether a cookie's name is one of the gate's (`__Host-token`, `__Host-refresh`, `token`, `refresh`,
 * and those of the control plane's listener: `__Host-control-token` and so on), to any reader.
 *
 * Lax readers cut white space and quotes, decode `%XX`, read `.`, ` ` and `[` as `_`, ignore case.
 */
export function isOwnCookieName(name: string): boolean {
  if (OWN.has(name)) return true;
  const plain = /^[\w-]+$/.test(name) ? name.toLowerCase() : laxName(name);
  if (OWN_PLAIN.has(plain)) return true;
  return /^[_.[]/.test(plain) && OWN_PREFIXED.has(plain.replace(/[^a-z\d]+/g, ''));
}

function laxName(name: string): string {
  return name
    .replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .toLowerCase()
    .replace(/[^!-~]+|[="'$]+/g, '');
}

/**
 * A `Cookie` value without the gate's cookies (T2); undefined when nothing is left. Others keep their bytes.
 *
 * `$Version` and other RFC 2965 attributes go too: they switch servers to a reading in which quotes hide `;`.
 */
export function foreignCookies(value: string): string | undefined {
  const kept: string[] = [];
  for (const part of value.split(';')) {
    const pair = part.trim();
    if (pair !== '' && !pair.startsWith('$') && !isOwnCookieName(cookieName(pair))) kept.push(pair);
  }
  return kept.length === 0 ? undefined : kept.join('; ');
}

/**
 * The name of the cookie that a `Set-Cookie` value sets, or that a pair of `Cookie` carries.
 *
 * An empty name before it is skipped: browsers store `=token=x` as nameless and send it back as `token=x`.
 */
export function cookieName(text: string): string {
  let from = 0;
  while (isSkipped(text.charCodeAt(from))) from += 1;
  let end = from;
  while (end < text.length && text[end] !== '=' && text[end] !== ';') end += 1;
  return text.slice(from, end);
}

function isSkipped(code: number): boolean {
  return code <= 0x20 || code === 0x3d;
}
