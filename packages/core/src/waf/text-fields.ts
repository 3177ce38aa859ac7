import { fieldAt, type FieldVisitor } from './field.ts';
import type { FieldKind } from './rule.ts';

interface Place {
  readonly kind: FieldKind;
  readonly place: string;
  readonly name: string;
}

const SAMPLE = 2048;
const RUN = /[\t\n\r\x20-\x7e]{12,}/g;
const BINARY = /[\0-\x08\x0e-\x1f\x7f-\x9f\ufffd]/g;

/** Visits text as one value, and of other content what somebody could read in it. */
export function visitPlainText(text: string, { kind, place, name }: Place, visit: FieldVisitor): boolean {
  if (text === '') return false;
  if (!isBinary(text)) return visit(fieldAt(kind, place, { name, value: text }));
  return (text.match(RUN) ?? []).some((value) => visit(fieldAt(kind, place, { name, value })));
}

function isBinary(text: string): boolean {
  const sample = text.slice(0, SAMPLE);
  return (sample.match(BINARY)?.length ?? 0) * 16 > sample.length;
}
