import { headerKind } from './header-kind.ts';
import { refusal, type Refusal } from './refusal.ts';
import type { HeaderList } from '../header-list.ts';

/** How large a request's head may be. */
export interface HeadBounds {
  /** Names and values together, with what separates them. */
  readonly headerBytesMax: number;
  readonly headersMax: number;
}

// `: ` and the line's end.
const SEPARATOR_BYTES = 4;

/**
 * The fields of a request with names in lower case, in order.
 *
 * Refuses what a strict HTTP/1.1 reader would (names that are no tokens, control characters in values), repeated
 * singletons, and names that a lax reader takes for a framing field (`Transfer_Encoding`).
 */
export function readFields(raw: readonly string[], bounds: HeadBounds): { ok: true; headers: HeaderList } | Refusal {
  if (raw.length > bounds.headersMax * 2) return refusal('fields-too-many');
  const headers: string[] = [];
  let bytes = 0;
  let seen = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at];
    const value = raw[at + 1];
    if (name === undefined || value === undefined) return refusal('field-unpaired');
    bytes += name.length + value.length + SEPARATOR_BYTES;
    if (bytes > bounds.headerBytesMax) return refusal('fields-too-large');
    const field = readField(name, value, seen);
    if ('rule' in field) return field;
    seen |= field.single;
    headers.push(field.name, value);
  }
  return { ok: true, headers };
}

function readField(name: string, value: string, seen: number): { name: string; single: number } | Refusal {
  const kind = headerKind(name);
  if (kind === undefined) return refusal('field-name');
  if (kind.disguised) return refusal('field-disguised', `header:${kind.name}`);
  if ((seen & kind.single) !== 0) return refusal('field-duplicated', `header:${kind.name}`);
  return isFieldValue(value) ? kind : refusal('field-value', `header:${kind.name}`);
}

/** Whether a text may stand as a field's value: no control characters but tab, so no folded lines (RFC 9110 §5.5). */
export function isFieldValue(text: string): boolean {
  return !/[^\t\u0020-\u007e\u0080-\u00ff]/.test(text);
}
