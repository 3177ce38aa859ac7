/** Which part of a list is asked for. */
export interface PageRequest {
  readonly limit: number;
  /** From the page before; undefined for the first. A malformed one reads as the first. */
  readonly cursor?: string | undefined;
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** Cuts one row more than asked into a page: the extra row says that there is another. */
export function toPage<Row, T>(
  rows: readonly Row[],
  limit: number,
  as: { item: (row: Row) => T; cursor: (row: Row) => string },
): Page<T> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  const isLast = rows.length <= limit || last === undefined;
  return { items: kept.map(as.item), nextCursor: isLast ? null : as.cursor(last) };
}

/** The cursor of a list that is sorted by time, newest first, then by id. */
export function timeCursor(atMs: number, id: string): string {
  return `${atMs}.${id}`;
}

/** Reads such a cursor. */
export function parseTimeCursor(
  cursor: string | undefined,
): { readonly atMs: number; readonly id: string } | undefined {
  const match = /^(\d{1,16})\.([A-Za-z0-9_-]{1,64})$/.exec(cursor ?? '');
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { atMs: Number(match[1]), id: match[2] };
}
