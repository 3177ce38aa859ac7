/** First path segments that are the gate's own, in every spelling (T3). */
const RESERVED_SEGMENTS: ReadonlySet<string> = new Set([
  'auth',
  'control',
  'console',
  'trust',
  '.well-known',
  'health',
  'metrics',
]);

/** Whether a folded path lies under a prefix of the gate's own, which no configured route may serve (T3). */
export function isReservedPath(foldedPath: string): boolean {
  const end = foldedPath.indexOf('/', 1);
  return RESERVED_SEGMENTS.has(end < 0 ? foldedPath.slice(1) : foldedPath.slice(1, end));
}
