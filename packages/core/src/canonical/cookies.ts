// Without the prefix only in development (T16); stripped always, so that a mixed set-up leaks nothing either.
const OWN_PREFIXED: ReadonlySet<string> = new Set(['hosttoken', 'hostrefresh', 'securetoken', 'securerefresh']);
const OWN_PLAIN: ReadonlySet<string> = new Set(['token', 'refresh']);

/**
 * Whether a cookie's name is one of the gate's (`__Host-token`, `__Host-refresh`, `token`, `refresh`), to any reader.
 *
 * Lax readers cut white space and quotes, decode `%XX`, read `.`, ` ` and `[` as `_`, ignore case. A name that an
 * empty one precedes (`=token=x`) counts too: browsers store it nameless and send it back as `token=x`.
 */
export function isOwnCookieName(name: string): boolean {
  const plain = decoded(name)
    .toLowerCase()
    .replace(/^[\s="'$]+|[\s"']+/g, '');
  return OWN_PLAIN.has(plain) || (/^[_. []/.test(plain) && OWN_PREFIXED.has(plain.replace(/[^a-z\d]+/g, '')));
}

function decoded(name: string): string {
  if (!name.includes('%')) return name;
  return name.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
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

/** The name of the cookie that a `Set-Cookie` value sets, or that a pair of `Cookie` carries. */
export function cookieName(text: string): string {
  const pair = text
    .split(';', 1)
    .join('')
    .replace(/^[\s=]+/, '');
  const equals = pair.indexOf('=');
  return equals < 0 ? pair : pair.slice(0, equals);
}
