import type { HeaderList } from '@steadygate/core';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// RFC 9112 §3.2.1, without whitespace, control characters and anything outside of ASCII.
const ORIGIN_FORM = /^\/[\u0021-\u007E]*$/;
// RFC 9110 §5.5: visible characters, obs-text, and space and tab inside.
const FIELD_VALUE = /^[\t\u0020-\u007E\u0080-\u00FF]*$/;
/** What the client itself writes, or refuses with an exception. */
const FRAMING = new Set(['connection', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
const LENGTH = /^\d{1,15}$/;
const SINGLE = new Set(['host', 'content-length']);

/**
 * Says why a request must not be handed to the HTTP client, or undefined.
 *
 * What was judged is what is sent: nothing may end a line early, name a second length or change how the body is framed.
 */
export function unsendableReason(request: { method: string; target: string; headers: HeaderList }): string | undefined {
  const { method, target, headers } = request;
  if (!TOKEN.test(method) || method === 'CONNECT') return 'method';
  if (!ORIGIN_FORM.test(target)) return 'target';
  return headers.length % 2 === 0 ? badField(headers) : 'headers';
}

function badField(headers: HeaderList): string | undefined {
  const seen: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    if (!isField(name, value)) return `header ${name}`;
    if (seen.includes(name)) return `second ${name}`;
    if (SINGLE.has(name)) seen.push(name);
    if (name === 'content-length' && !LENGTH.test(value)) return name;
  }
  return undefined;
}

function isField(name: string, value: string): boolean {
  return TOKEN.test(name) && !FRAMING.has(name) && FIELD_VALUE.test(value);
}
