const FIRST = 0x20;
const SIZE = 0x60;
/** White space other than blanks, and everything outside ASCII. */
const OTHER = 0x5f;

/** Finds many literals in one pass over a text (Aho and Corasick, as one table). */
export interface LiteralSearch {
  /** Sets `found[id] = 1` for every literal that stands in `text`. Linear, whatever the text. */
  mark(text: string, found: Uint8Array): void;
}

/** Compiles literals of lower-case ASCII; their indexes are their ids. */
export function literalSearch(literals: readonly string[]): LiteralSearch {
  const trie = trieOf(literals);
  const { next, ends } = linked(trie);
  return {
    mark(text, found) {
      let state = 0;
      for (let at = 0; at < text.length; at += 1) {
        state = next[state + symbolOf(text.charCodeAt(at))] ?? 0;
        const ending = ends[state / SIZE];
        if (ending !== undefined) for (const id of ending) found[id] = 1;
      }
    },
  };
}

function symbolOf(code: number): number {
  if (code === 0x0a) return OTHER - 1;
  return code >= FIRST && code < 0x7e ? code - FIRST : OTHER;
}

interface Trie {
  /** One row of `SIZE` symbols for each state; -1 where nothing follows. */
  readonly rows: number[];
  readonly ends: (number[] | undefined)[];
}

function trieOf(literals: readonly string[]): Trie {
  const trie: Trie = { rows: emptyRow(), ends: [undefined] };
  for (const [id, literal] of literals.entries()) {
    let state = 0;
    for (let at = 0; at < literal.length; at += 1) state = child(trie, state, symbolOf(literal.charCodeAt(at)));
    trie.ends[state] = [...(trie.ends[state] ?? []), id];
  }
  return trie;
}

function emptyRow(): number[] {
  return Array.from({ length: SIZE }, () => -1);
}

function child({ rows, ends }: Trie, state: number, symbol: number): number {
  const known = rows[state * SIZE + symbol] ?? -1;
  if (known >= 0) return known;
  const fresh = ends.length;
  rows.push(...emptyRow());
  ends.push(undefined);
  rows[state * SIZE + symbol] = fresh;
  return fresh;
}

/** Follows failure links breadth first, so that every state knows what comes next for every symbol. */
function linked({ rows, ends }: Trie): { next: Int32Array; ends: readonly (readonly number[] | undefined)[] } {
  const next = Int32Array.from(rows);
  const fail = new Int32Array(ends.length);
  const queue = [0];
  for (const state of queue) {
    for (let symbol = 0; symbol < SIZE; symbol += 1) {
      const at = state * SIZE + symbol;
      const target = next[at] ?? -1;
      const fallback = state === 0 ? 0 : (next[(fail[state] ?? 0) * SIZE + symbol] ?? 0);
      if (target < 0) {
        next[at] = fallback;
        continue;
      }
      fail[target] = fallback;
      ends[target] = joined(ends[target], ends[fallback]);
      queue.push(target);
    }
  }
  // States as offsets of their rows: one multiplication less for every character.
  return { next: next.map((state) => state * SIZE), ends };
}

function joined(own: number[] | undefined, inherited: number[] | undefined): number[] | undefined {
  return inherited === undefined || own === inherited ? own : [...(own ?? []), ...inherited];
}
