/** The known name nearest to a mistyped one; undefined when none is near. */
export function nearestName(typed: string, known: readonly string[]): string | undefined {
  const wanted = typed.slice(0, 64).toLowerCase();
  const reach = Math.ceil(wanted.length / 3);
  const ranked = known
    .map((name) => ({ name, distance: distanceOf(wanted, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= reach)
    .toSorted((a, b) => a.distance - b.distance);
  return ranked[0]?.name;
}

/** Levenshtein's edit distance, one row at a time. */
function distanceOf(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
