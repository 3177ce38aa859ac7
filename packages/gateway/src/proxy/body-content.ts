import { type BodyText, type ParsedJson, parseStrictJson, ProblemError, strictJson } from '@steadygate/core';
import { isDecodable, unpacked } from './content-encoding.ts';

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json[\t ]*(?:;[\t ]*charset=(?:"utf-8"|utf-8|us-ascii)[\t ]*)?$/i;

/**
 * A body as JSON; undefined when it is empty.
 *
 * @throws ProblemError `media-type-refused` when it is declared as something else, `body-invalid` when it is not valid UTF-8 or
 * JSON, or has a key twice
 */
export function jsonContent(bytes: Uint8Array, contentType: string | undefined): unknown {
  if (bytes.length === 0) return undefined;
  // Read as JSON here and as a form or in UTF-7 upstream, one body would name two objects.
  if (!JSON_TYPE.test(contentType ?? '')) {
    throw new ProblemError('media-type-refused', { detail: 'Send the body as application/json in UTF-8.' });
  }
  const parsed = parseStrictJson(decoded(bytes));
  if (parsed.ok) return parsed.value;
  throw invalid(new Error(`${parsed.rule} at ${parsed.at}`));
}

/** Refuses a content encoding that cannot be undone, before anything is read. @throws ProblemError `media-type-refused` */
export function assertDecodable(contentEncoding: string | undefined): void {
  if (isDecodable(encodingOf(contentEncoding))) return;
  throw new ProblemError('media-type-refused', { detail: 'Send the body as it is, or with gzip, deflate or br.' });
}

/**
 * A body as text, without its content encoding: UTF-8, or one character for each octet where it is none.
 *
 * @throws ProblemError `media-type-refused`, `body-invalid`, `body-too-large` when it unpacks to more than `bytesMax`
 */
export async function textContent(
  packed: Uint8Array,
  contentEncoding: string | undefined,
  bytesMax: number,
): Promise<BodyText> {
  assertDecodable(contentEncoding);
  return bodyText(await unpacked(packed, encodingOf(contentEncoding), bytesMax));
}

/** Octets as text: UTF-8, or one character for each octet where they are none. */
export function bodyText(bytes: Uint8Array): BodyText {
  const text = utf8(bytes);
  if (text === undefined) return { text: Buffer.from(bytes).toString('latin1'), isUtf8: false };
  let parsed: ParsedJson | undefined;
  return { text, isUtf8: true, json: () => (parsed ??= strictJson({ text, isUtf8: true })) };
}

function encodingOf(contentEncoding: string | undefined): string {
  return contentEncoding?.trim().toLowerCase() ?? 'identity';
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalid(cause);
  }
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function invalid(cause: unknown): ProblemError {
  const detail = 'The body is not JSON in valid UTF-8, or has a key twice.';
  return new ProblemError('body-invalid', { detail }, { cause });
}
