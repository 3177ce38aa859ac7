import type { PlainKind } from './keywords.ts';

const TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'];

/** What the value of a keyword must be, in words; undefined when it is that. */
export function wrongValue(kind: PlainKind, value: unknown): string | undefined {
  return RULES[kind].isRight(value) ? undefined : RULES[kind].words;
}

interface Rule {
  readonly isRight: (value: unknown) => boolean;
  readonly words: string;
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0;

const RULES: Readonly<Record<PlainKind, Rule>> = {
  count: { isRight: isCount, words: 'a whole number from 0' },
  number: { isRight: (value) => typeof value === 'number' && Number.isFinite(value), words: 'a number' },
  flag: { isRight: (value) => typeof value === 'boolean', words: 'true or false' },
  text: { isRight: isText, words: 'text' },
  pattern: { isRight: isText, words: 'text' },
  format: { isRight: isText, words: 'text' },
  names: { isRight: (value) => Array.isArray(value) && value.every(isText), words: 'a list of names' },
  list: { isRight: (value) => Array.isArray(value) && value.length > 0, words: 'a list of values' },
  types: { isRight: isTypes, words: `one of ${TYPES.join(', ')}` },
  any: { isRight: () => true, words: '' },
};

function isTypes(value: unknown): boolean {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  return names.length > 0 && names.every((name) => typeof name === 'string' && TYPES.includes(name));
}
