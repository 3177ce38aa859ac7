import type { HeaderList } from '@steadygate/core';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// RFC 9112 §3.2.1, without whitespace, control characters and anything outside of ASCII.
const ORIGIN_FORM = /^\/[\u0021-\u007E]*$/;
// RFC 9110 §5.5: visible characters, obs-text, and space and tab inside.
const NO_FIELD_VALUE = /[^\t\u0020-\u007E\u0080-\u00FF]/;
/** What the client itself writes, or refuses with an exception. */
const FRAMING = new Set(['connection', 'expect', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
const LENGTH = /^\d{1,15}$/;

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
  let hosts = 0;
  let lengths = 0;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    if (!isField(name, value)) return `header ${name}`;
    if (name === 'host') hosts += 1;
    else if (name === 'content-length') {
      lengths += 1;
      if (!LENGTH.test(value)) return name;
    }
  }
  if (hosts > 1) return 'second host';
  return lengths > 1 ? 'second content-length' : undefined;
}

function isField(name: string, value: string): boolean {
  return (USUAL.has(name) || (TOKEN.test(name) && !FRAMING.has(name))) && !NO_FIELD_VALUE.test(value);
}

/** Names of nearly every request: known to be tokens, and none of framing. */
const USUAL = new Set(
  (
    'host user-agent accept accept-encoding accept-language cookie referer origin content-type content-length cache-control ' +
    'x-forwarded-for x-forwarded-proto x-forwarded-host x-steadygate-user x-steadygate-role x-steadygate-tenant ' +
    'x-steadygate-assertion x-steadygate-request-id'
  ).split(' '),
);
