/**
 * Header fields as a flat list `[name, value, name, value, …]`, names in lower case, order and repetitions kept.
 *
 * Flat because that is what sockets give and take: no object per request, no lost duplicates.
 */
export type HeaderList = readonly string[];

/** The first value of a field, or undefined. `name` is in lower case. */
export function firstHeader(headers: HeaderList, name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name) return headers[at + 1];
  }
  return undefined;
}

/** Every value of a field, in order. `name` is in lower case. */
export function allHeaders(headers: HeaderList, name: string): readonly string[] {
  const values: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const value = headers[at + 1];
    if (headers[at] === name && value !== undefined) values.push(value);
  }
  return values;
}
