/** What V8 has of reading JSON with its source, which the language's types do not say yet. */
interface JsonWithSource {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}

/** Numbers like these may mean more than a double holds. Strings that look so cost a slower reading, nothing else. */
const MAY_LOSE = /[\d.]{16}|\d[eE]/;

/**
 * The value of a JSON text, which `JSON.stringify` writes with the very numbers that stood there.
 *
 * A number that a double cannot hold, such as an integer above 2^53, is an opaque object instead of another number. Integers below
 * have one spelling, which may be another than in the text. `text` must be JSON.
 */
export function parseExactJson(text: string): unknown {
  if (!MAY_LOSE.test(text)) return JSON.parse(text);
  // In every engine that the gateway runs on; tested.
  const json = JSON as unknown as JsonWithSource;
  return json.parse(text, (_, value, { source }) => (isLossy(value, source) ? json.rawJSON(source) : value));
}

function isLossy(value: unknown, source: string | undefined): source is string {
  return typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && String(value) !== source;
}
