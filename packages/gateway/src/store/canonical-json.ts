/** What a log entry may hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** One spelling per value: members sorted by UTF-16 code units, no spaces (the ordering and form of RFC 8785). */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new Error('only whole numbers are logged');
  if (typeof value === 'string' && !value.isWellFormed()) throw new Error('a lone surrogate has no UTF-8');
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`).join(',')}}`;
}

/** `Array.isArray` does not narrow readonly arrays. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
