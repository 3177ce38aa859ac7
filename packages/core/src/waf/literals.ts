const FIRST = 0x20;
const SIZE = 0x60;
/** White space other than blanks, and everything outside ASCII. */
const OTHER = 0x5f;

/** Finds many literals in one pass over a text (Aho and Corasick, as one table). */
export interface LiteralSearch {
  /** The owners of every literal that stands in `text`, each once. Linear, whatever the text; valid until the next call. */
  owners(text: string): readonly number[];
}

/** Compiles literals of lower-case ASCII. `owners` are dense numbers from 0; a literal may have several. */
export function literalSearch(literals: ReadonlyMap<string, readonly number[]>): LiteralSearch {
  const { next, ends } = linked(trieOf(literals));
  const ownersOf = ends.map((ending) => (ending === undefined ? undefined : Uint16Array.from(ending)));
  const hasEnd = Uint8Array.from(ownersOf, (ending) => (ending === undefined ? 0 : 1));
  // Scratch space instead of garbage: one text after the other, and nothing of a text stays.
  const seen = new Int32Array(1 + Math.max(0, ...[...literals.values()].flat()));
  const found: number[] = [];
  let turn = 0;
  return {
    owners(text) {
      turn = (turn + 1) | 0;
      found.length = 0;
      let state = 0;
      for (let at = 0; at < text.length; at += 1) {
        const code = text.charCodeAt(at);
        state = next[state * SIZE + (code < 0x80 ? (SYMBOLS[code] ?? OTHER) : OTHER)] ?? 0;
        if (hasEnd[state] === 0) continue;
        for (const owner of ownersOf[state] ?? []) {
          if (seen[owner] === turn) continue;
          seen[owner] = turn;
          found.push(owner);
        }
      }
      return found;
    },
  };
}

const SYMBOLS = Uint8Array.from({ length: 128 }, (_, code) => symbolOf(code));

function symbolOf(code: number): number {
  if (code === 0x0a) return OTHER - 1;
  return code >= FIRST && code < 0x7e ? code - FIRST : OTHER;
}

interface Trie {
  /** One row of `SIZE` symbols for each state; -1 where nothing follows. */
  readonly rows: number[];
  readonly ends: (number[] | undefined)[];
}

function trieOf(literals: ReadonlyMap<string, readonly number[]>): Trie {
  const trie: Trie = { rows: emptyRow(), ends: [undefined] };
  for (const [literal, owners] of literals) {
    let state = 0;
    for (let at = 0; at < literal.length; at += 1) state = child(trie, state, symbolOf(literal.charCodeAt(at)));
    trie.ends[state] = [...(trie.ends[state] ?? []), ...owners];
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
function linked({ rows, ends }: Trie): { next: Uint16Array; ends: readonly (readonly number[] | undefined)[] } {
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
  return { next: Uint16Array.from(next), ends };
}

function joined(own: number[] | undefined, inherited: number[] | undefined): number[] | undefined {
  return inherited === undefined || own === inherited ? own : [...new Set([...(own ?? []), ...inherited])];
}
