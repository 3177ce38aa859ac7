import { escapeControls, redactSecrets } from '../log/redact.ts';

const MASKED = '[masked]';

/** Fields that only ever hold credentials. */
const CREDENTIAL_FIELDS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'x-csrf-token',
]);

/** Names whose values are nobody's business, in queries, forms and JSON. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)?$|pwd|secret|token|api[-_]?key|auth(?!or)|credential|invite|\botp\b|\bpin\b|session|\bsid\b|jwt|card|cvv|cvc|iban|ssn|signature/i;

const EMAIL = /[\w.%+-]{1,64}@[\w.-]{1,255}/g;
/** Nine digits and more, as telephone, card and account numbers are written. */
const LONG_NUMBER = /\d(?:[ ().+/-]{0,2}\d){8,}/g;
const JSON_MEMBER = /"([^"\\]{1,64})"(\s*:\s*)("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*)/g;
const PAIR = /(^|&)([^=&]{1,64})=([^&]*)/g;

/** The value of a header field, fit to be kept (T25). `name` in lower case. */
export function maskField(name: string, value: string): string {
  if (CREDENTIAL_FIELDS.has(name)) return MASKED;
  return maskText(name === 'cookie' ? maskCookies(value) : value);
}

/** A query without its `?`, or a form, fit to be kept. */
export function maskPairs(text: string): string {
  return maskText(
    text.replaceAll(PAIR, (pair, before: string, name: string) =>
      SECRET_NAME.test(name) ? `${before}${name}=${MASKED}` : pair,
    ),
  );
}

/** A body as text, fit to be kept, by its declared type. What is malformed stays malformed. */
export function maskBody(text: string, contentType: string): string {
  if (/^application\/x-www-form-urlencoded/i.test(contentType)) return maskPairs(text);
  return maskText(
    text.replaceAll(JSON_MEMBER, (member, name: string, colon: string) =>
      SECRET_NAME.test(name) ? `"${name}"${colon}"${MASKED}"` : member,
    ),
  );
}

/** Credentials by their shape, e-mail addresses and long numbers. */
export function maskText(text: string): string {
  return redactSecrets(text)
    .replaceAll(EMAIL, '[email]')
    .replaceAll(LONG_NUMBER, (digits) => digits.replaceAll(/\d/g, '0'));
}

/** A line of JSON that no terminal obeys. */
export function recordingLine(value: unknown): string {
  return escapeControls(JSON.stringify(value));
}

/** What is made of token characters alone can be a credential, and holds no attack. */
function maskCookies(value: string): string {
  return value
    .split(';')
    .map((pair) => pair.replace(/=[\w.~+/=%-]*\s*$/, `=${MASKED}`))
    .join(';');
}
