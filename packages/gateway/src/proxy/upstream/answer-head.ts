import type { HeaderList } from '@steadygate/core';
import { type Framing, type FramingField, FramingFields } from './answer-framing.ts';

/** An answer's head, and how its body ends. */
export interface AnswerHead extends Framing {
  readonly status: number;
  /** As received, names in lower case. */
  readonly headers: HeaderList;
}

/** Why an answer cannot be read: for the log. */
export interface AnswerFault {
  readonly fault: string;
}

const FIELDS_MAX = 200;
// RFC 9110 §5.5: no control characters but tab; line ends are looked at line by line.
const BROKEN = /[^\t\r\n\u0020-\u007e\u0080-\u00ff]/;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |\r)/;
const TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/**
 * Reads an answer's head: everything up to and with the empty line, each octet one character. Never throws.
 *
 * Refuses what two readers could read differently: folded lines, white space around names, control characters, line ends
 * other than CRLF, and framing that is not told in exactly one way.
 */
export function parseAnswerHead(text: string, request: { readonly isHead: boolean }): AnswerHead | AnswerFault {
  const line = STATUS_LINE.exec(text);
  if (line === null) return { fault: 'no status line of HTTP/1.x' };
  if (BROKEN.test(text)) return { fault: 'control characters in the head' };
  const headers: string[] = [];
  const fields = new FramingFields();
  const fault = readFields(text, headers, fields);
  if (fault !== undefined) return { fault };
  const status = Number(line[2]);
  const framing = fields.framing({ status, isModern: line[1] === '1', isHead: request.isHead });
  if (typeof framing === 'string') return { fault: framing };
  const { bodyBytes, keepsAlive, keepAliveSeconds } = framing;
  return { status, headers, bodyBytes, keepsAlive, keepAliveSeconds };
}

/** The first fault, or undefined when `headers` holds all fields and `framing` what they say. */
function readFields(text: string, headers: string[], framing: FramingFields): string | undefined {
  let at = endOfLine(text, 0) + 2;
  for (let end = endOfLine(text, at); end > at; end = endOfLine(text, at)) {
    if (headers.length >= FIELDS_MAX * 2) return 'too many fields';
    const colon = text.indexOf(':', at);
    // RFC 9112 §5.1, §5.2: no white space before the colon, no line that begins with it.
    const field = colon < 0 || colon > end ? undefined : fieldOf(text.slice(at, colon));
    if (field === undefined) return 'a line that is no field';
    const value = trimmed(text, colon + 1, end);
    const fault = field.framing === undefined ? undefined : framing.note(field.framing, framingValue(text, colon, end));
    if (fault !== undefined) return fault;
    headers.push(field.name, value);
    at = end + 2;
  }
  // The loop ends early where a line does not end as it must.
  return at === text.length - 2 ? undefined : 'a line that does not end in CRLF';
}

/** RFC 9112 §2.2: where the CRLF of a line begins; -1 when a CR or LF stands alone before, or in it. */
function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\r', from);
  return text.indexOf('\n', from) === end + 1 ? end : -1;
}

/** RFC 9110 §5.6.3: spaces and tabs around a value are none of it. */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Readers skip different spaces here: a value that says where an answer ends has one before it at most, and none behind. */
function framingValue(text: string, colon: number, end: number): string {
  return text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end);
}

const SPACE = 0x20;

function isSpace(code: number): boolean {
  return code === SPACE || code === 0x09;
}

interface Field {
  readonly name: string;
  readonly framing: FramingField | undefined;
}

/** A field's name in lower case, and what it says about framing; undefined when it is no token (RFC 9110 §5.6.2). */
function fieldOf(spelled: string): Field | undefined {
  const known = KNOWN.get(spelled);
  if (known !== undefined) return known;
  if (!TOKEN.test(spelled)) return undefined;
  const name = spelled.toLowerCase();
  return KNOWN.get(name) ?? { name, framing: undefined };
}

const KNOWN: ReadonlyMap<string, Field> = knownFields();

/** The usual names in their usual spellings, so that most cost one look-up. */
function knownFields(): ReadonlyMap<string, Field> {
  const plain =
    'Accept-Ranges Access-Control-Allow-Origin Age Allow Alt-Svc Cache-Control Content-Disposition Content-Encoding ' +
    'Content-Language Content-Range Content-Security-Policy Content-Type Date ETag Expires Last-Modified Link Location ' +
    'Permissions-Policy Pragma Referrer-Policy Server Set-Cookie Strict-Transport-Security Vary Via WWW-Authenticate ' +
    'X-Content-Type-Options X-Frame-Options X-Powered-By X-Request-Id';
  const framing: Readonly<Record<string, FramingField>> = {
    'Content-Length': 'content-length',
    'Transfer-Encoding': 'transfer-encoding',
    Connection: 'connection',
    'Keep-Alive': 'keep-alive',
  };
  return new Map(
    [...plain.split(' '), ...Object.keys(framing)].flatMap((spelled) => {
      const field = { name: spelled.toLowerCase(), framing: framing[spelled] };
      return [[spelled, field] as const, [field.name, field] as const];
    }),
  );
}

/** Whether a text is a field's line: a token, a colon, a value. For trailers, which are dropped. */
export function isFieldLine(line: string): boolean {
  const colon = line.indexOf(':');
  return colon > 0 && fieldOf(line.slice(0, colon)) !== undefined;
}
