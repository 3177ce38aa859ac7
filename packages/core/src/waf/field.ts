import type { FieldKind } from './rule.ts';

/** One value of a request, and where it stands. */
export interface Field {
  readonly kind: FieldKind;
  /** The nearest name: a parameter's, a header's, a JSON key. Says what the value is meant to be. */
  readonly name: string;
  readonly value: string;
  /** It is a document of JSON, whose own values are visited, too. */
  readonly isDocument?: boolean;
  /** Such as `query:q` or `body:$.messages[0].content`. Made only when somebody asks. */
  path(): string;
}

/** Takes each field in turn; returns true to stop. */
export type FieldVisitor = (field: Field) => boolean;

/** A field whose place is known as text. */
export function fieldAt(kind: FieldKind, place: string, facts: { name: string; value: string }): Field {
  return { kind, ...facts, path: () => place };
}
