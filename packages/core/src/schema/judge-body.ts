import { type BodyText, strictJson } from '../request.ts';
import type { ApiContent, ApiOperation } from './api.ts';
import { formValue, partsValue } from './form-value.ts';
import type { SchemaFault } from './judge-parameters.ts';
import type { ReadValue } from './read-value.ts';

/** What a body is to its operation. */
export type BodyVerdict =
  | { readonly kind: 'judged'; readonly faults: readonly SchemaFault[] }
  /** No content of this type is described; `accepted` names those that are. */
  | { readonly kind: 'type'; readonly accepted: readonly string[] }
  /** It cannot be read as what it says it is. */
  | { readonly kind: 'malformed'; readonly rule: string };

const FINE: BodyVerdict = { kind: 'judged', faults: [] };

/** What the faults of an operation's body are that is not there. */
export function missingBody({ body }: ApiOperation): readonly SchemaFault[] {
  return body?.isRequired === true ? [{ field: 'body', pointer: '', rule: 'is missing' }] : [];
}

/** Judges a body that is there. `type` is the content type as it was sent. */
export function judgeBody(
  { body: described }: ApiOperation,
  content: { readonly body: BodyText; readonly type: string },
  rules: { readonly allowsUnknown: boolean; readonly most: number },
): BodyVerdict {
  if (described === undefined) {
    const fault = { field: 'body', pointer: '', rule: 'is not expected' };
    return rules.allowsUnknown ? FINE : { kind: 'judged', faults: [fault] };
  }
  const found = contentFor(described.contents, content.type);
  if (found === undefined) return { kind: 'type', accepted: described.contents.map(({ range }) => range) };
  const read = readContent(found, content);
  if (read.kind === 'fault') return { kind: 'malformed', rule: read.rule };
  if (read.kind === 'absent') return FINE;
  return {
    kind: 'judged',
    faults: found.check(read.value, mostFor(content.body, rules.most)).map((fault) => ({ ...fault, field: 'body' })),
  };
}

/* In a large body everything may be wrong: whoever sends it must not make a list of that. */
const LISTED_CHARS_MAX = 16_384;

function mostFor({ text }: BodyText, most: number): number {
  return text.length > LISTED_CHARS_MAX ? 1 : most;
}

/** The description that fits a content type best: the type itself, then its range, then any. */
export function contentFor(contents: readonly ApiContent[], contentType: string): ApiContent | undefined {
  const type = contentType.split(';', 1).join('').trim().toLowerCase();
  if (!/^[\w.+!#$&^-]+\/[\w.+!#$&^-]+$/.test(type)) return undefined;
  const range = type.replace(/\/.*/, '/*');
  return [type, range, '*/*'].map((wanted) => contents.find((each) => each.range === wanted)).find(Boolean);
}

/** Reads content as what its type says; `absent` for what no schema can judge. */
export function readContent(
  content: ApiContent,
  { body, type }: { readonly body: BodyText; readonly type: string },
): ReadValue {
  if (content.kind === 'opaque') return { kind: 'absent' };
  if (content.kind === 'multipart') return partsValue({ ...body, type }, content.shape);
  if (!body.isUtf8) return { kind: 'fault', rule: 'is not UTF-8' };
  if (content.kind === 'form') return formValue(body.text, content);
  if (content.kind === 'text') return { kind: 'value', value: body.text };
  const parsed = strictJson(body);
  return parsed.ok ? { kind: 'value', value: parsed.value } : { kind: 'fault', rule: `JSON: ${parsed.rule}` };
}
