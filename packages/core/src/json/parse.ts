/** Deeper documents are refused: what comes behind the gate may recurse. */
const DEPTH_MAX = 64;

/** What strict parsing found. `at` is an offset in the text; 0 where only the whole can be blamed. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly rule: string; readonly at: number };

/**
 * Parses JSON that every reader understands alike; anything with two readings is refused (T6).
 *
 * Refused: duplicate keys in any spelling, lone surrogates, nesting deeper than `depthMax`, values that are not finite.
 * A key `__proto__` is data like any other. Never throws.
 */
export function parseStrictJson(text: string, limits: { depthMax: number } = { depthMax: DEPTH_MAX }): ParsedJson {
  const shape = measure(text, limits.depthMax);
  if (shape.tooDeepAt !== undefined) return { ok: false, rule: 'too deep', at: shape.tooDeepAt };
  const parsed = parse(text);
  if (!parsed.ok) return parsed;

  const content = { keys: 0, isOdd: false };
  count(parsed.value, content);
  // Two keys of one name leave one member behind, so the counts differ only then.
  if (content.keys !== shape.keys) return { ok: false, rule: 'duplicate key', at: 0 };
  if (content.isOdd || !text.isWellFormed()) return { ok: false, rule: 'value without one reading', at: 0 };
  return parsed;
}

function parse(text: string): ParsedJson {
  try {
    // `unknown` instead of `any`: nothing is known of it yet.
    const value: unknown = JSON.parse(text);
    return { ok: true, value };
  } catch {
    return { ok: false, rule: 'not JSON', at: 0 };
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Counts keys and depth outside strings, in one pass. Means something only if the text then proves to be JSON. */
function measure(text: string, depthMax: number): { keys: number; tooDeepAt: number | undefined } {
  let keys = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at);
    else if (code === COLON) keys += 1;
    else depth += nesting(code);
    if (depth > depthMax) return { keys, tooDeepAt: at };
  }
  return { keys, tooDeepAt: undefined };
}

function nesting(code: number): number {
  if (code === 0x7b || code === 0x5b) return 1;
  return code === 0x7d || code === 0x5d ? -1 : 0;
}

function stringEnd(text: string, from: number): number {
  let end = from;
  do {
    end = text.indexOf('"', end + 1);
    if (end === -1) return text.length;
  } while (isEscaped(text, end));
  return end;
}

function isEscaped(text: string, quote: number): boolean {
  let before = quote - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (quote - before) % 2 === 0;
}

/** Recursion is bounded: the depth was measured before. */
function count(value: unknown, content: { keys: number; isOdd: boolean }): void {
  if (typeof value !== 'object' || value === null) {
    content.isOdd ||= isOddScalar(value);
  } else if (Array.isArray(value)) {
    for (const item of value) count(item, content);
  } else {
    for (const [key, member] of Object.entries(value)) {
      content.keys += 1;
      content.isOdd ||= !key.isWellFormed();
      count(member, content);
    }
  }
}

/** Readers differ in what a lone surrogate becomes, and a number that is too large. */
function isOddScalar(value: unknown): boolean {
  return typeof value === 'string' ? !value.isWellFormed() : value === Infinity || value === -Infinity;
}
