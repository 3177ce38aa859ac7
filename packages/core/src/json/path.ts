import type { JsonPath } from '../ownership/operation.ts';

type Steps = JsonPath['steps'];

const STEP = /\.([A-Za-z_$][\w$-]*)|\['([^'\\\]]+)'\]|(\[\*\])/y;

/** Compiles `$`, `.name`, `['name']` and `[*]`; whatever else JSONPath knows is a problem, in words. */
export function compileJsonPath(text: string): JsonPath | { readonly problem: string } {
  if (!text.startsWith('$')) return { problem: 'a JSON path starts with $' };
  const steps: (string | { every: true })[] = [];
  let at = 1;
  while (at < text.length) {
    STEP.lastIndex = at;
    const found = STEP.exec(text);
    if (found === null) return { problem: `only .name, ['name'] and [*] are understood, not "${text.slice(at)}"` };
    const name = found[1] ?? found[2];
    steps.push(name ?? { every: true });
    at = STEP.lastIndex;
  }
  return { text, steps };
}

/** Whether the path names many values. */
export function isPlural(path: JsonPath): boolean {
  return path.steps.some((step) => typeof step !== 'string');
}

/** Every value at the path; branches that end early are passed over. */
export function selectAll(value: unknown, path: JsonPath): unknown[] {
  let values: readonly unknown[] = [value];
  for (const step of path.steps) values = values.flatMap((each) => children(each, step));
  return [...values];
}

function children(value: unknown, step: Steps[number]): readonly unknown[] {
  if (typeof step !== 'string') return Array.isArray(value) ? value : [];
  const child = member(value, step);
  return child === undefined ? [] : [child];
}

/** The object's own member, or undefined; never anything inherited. */
export function member(value: unknown, name: string): unknown {
  if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
  return value[name];
}

/** A JSON object: no array, no null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What strict selection found. */
export type Selection =
  | { readonly ok: true; readonly values: readonly unknown[] }
  | { readonly ok: false; readonly rule: 'absent' | 'ambiguous' };

/**
 * Every value at the path of a document that a client sent: at least one, no branch may end early, and no object on
 * the way may hold a second key that a lenient reader takes for the same (`chatIds` and `ChatIds` or `chat_ids`).
 */
export function selectStrict(value: unknown, path: JsonPath): Selection {
  let values: readonly unknown[] = [value];
  for (const step of path.steps) {
    if (typeof step === 'string' && values.some((each) => hasLookalike(each, step))) {
      return { ok: false, rule: 'ambiguous' };
    }
    const next = values.map((each) => children(each, step));
    if (next.some((found) => found.length === 0)) return { ok: false, rule: 'absent' };
    values = next.flat();
  }
  return { ok: true, values };
}

/** Whether an object holds another key that folds to `name`, or that some servers read as a place in it: `name[0]`, `name.0`. */
export function hasLookalike(value: unknown, name: string): boolean {
  if (!isObject(value)) return false;
  const folded = foldName(name);
  return Object.keys(value).some((key) => {
    return key !== name && (foldName(key) === folded || foldName(key.split(/[[.\0]/, 1).join('')) === folded);
  });
}

/**
 * What lenient readers compare of a name: letters and digits without case.
 *
 * Upper case first, because some readers take U+017F for an s and U+212A for a k. Protocol buffers read `chat_ids` as
 * `chatIds`.
 */
export function foldName(name: string): string {
  return name
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
