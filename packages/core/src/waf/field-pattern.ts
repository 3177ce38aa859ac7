/** Says of which fields a setting speaks. */
export interface FieldPattern {
  matches(path: string): boolean;
}

/** Compiles `body:$.messages[*].content`, `query:q`, `header:x-note` or `body:*`: `*` stands for any text. */
export function fieldPattern(text: string): FieldPattern {
  const pieces = text.split('*');
  return { matches: (path) => matchesPieces(path, pieces) };
}

/** Greedy from the left, which suffices for `*` alone; linear in the path for each piece. */
function matchesPieces(path: string, pieces: readonly string[]): boolean {
  const [first = '', ...rest] = pieces;
  const last = rest.at(-1);
  if (last === undefined) return path === first;
  if (!path.startsWith(first) || !path.endsWith(last)) return false;
  const end = path.length - last.length;
  let at = first.length;
  for (const piece of rest.slice(0, -1)) {
    const found = path.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= end;
}
