import { fieldPattern } from '../waf/field-pattern.ts';
import { phonesIn } from './phones.ts';
import { characterCount } from './strict-text.ts';
import type { TextField } from './text-fields.ts';
import { urlsIn } from './urls.ts';

/** What texts may hold. Absent: as much as they like. */
export interface TextLimits {
  /** In each text: code points. */
  readonly charactersMax?: number;
  /** In all texts of a request together. */
  readonly urlsMax?: number;
  /** In all texts of a request together. */
  readonly phonesMax?: number;
}

/** Something that a text must not hold, or holds too much of. */
export type TextExcess =
  | { readonly kind: 'not UTF-8' | 'NUL'; readonly field: string }
  | {
      readonly kind: keyof TextLimits;
      readonly field: string;
      readonly max: number;
      /** As far as was counted. */
      readonly count: number;
      /** What was counted; empty for characters. */
      readonly found: readonly string[];
    };

/** Adds up the texts of one request. */
export interface TextTally {
  /** The first thing against a text, or undefined. */
  add(field: TextField): TextExcess | undefined;
}

/** Says whether a field is one of those that were chosen. */
export type FieldChoice = (path: string) => boolean;

/**
 * Compiles which fields are judged: each pattern names a field and whatever lies below it, in any case, because some
 * servers read names so. No patterns: every field.
 */
export function fieldChoice(patterns: readonly string[]): FieldChoice {
  if (patterns.length === 0) return () => true;
  const compiled = patterns.flatMap((pattern) => {
    const text = pattern.toLowerCase();
    return [text, `${text}.*`, `${text}[*`, `${text}:*`].map(fieldPattern);
  });
  return (path) => {
    const lower = path.toLowerCase();
    return compiled.some((pattern) => pattern.matches(lower));
  };
}

/** Starts adding up. Encoding is judged everywhere, limits in chosen fields only. */
export function textTally(limits: TextLimits, isChosen: FieldChoice): TextTally {
  const found = { urlsMax: [] as string[], phonesMax: [] as string[] };
  function counted(kind: 'urlsMax' | 'phonesMax', field: TextField, value: string): TextExcess | undefined {
    const max = limits[kind];
    if (max === undefined) return undefined;
    const all = found[kind];
    all.push(...(kind === 'urlsMax' ? urlsIn : phonesIn)(value, max - all.length));
    return all.length > max ? { kind, field: field.path(), max, count: all.length, found: all } : undefined;
  }
  return {
    add(field) {
      const { value } = field;
      if (value === undefined) return { kind: 'not UTF-8', field: field.path() };
      if (value.includes('\0')) return { kind: 'NUL', field: field.path() };
      if (!isChosen(field.path())) return undefined;
      return tooLong(field, value, limits) ?? counted('urlsMax', field, value) ?? counted('phonesMax', field, value);
    },
  };
}

function tooLong(field: TextField, value: string, { charactersMax: max }: TextLimits): TextExcess | undefined {
  // There are at most as many characters as code units.
  if (max === undefined || value.length <= max) return undefined;
  const count = characterCount(value);
  return count > max ? { kind: 'charactersMax', field: field.path(), max, count, found: [] } : undefined;
}
