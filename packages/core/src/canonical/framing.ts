import { isToken } from './header-kind.ts';
import { allHeaders, firstHeader, type HeaderList } from '../header-list.ts';
import { refusal, type Refusal } from './refusal.ts';

/**
 * How long a request's body is: bytes, undefined when chunked, 0 without a body.
 *
 * There is one reading or none (RFC 9112 §6.3): two lengths, a length beside a transfer coding, any coding but
 * `chunked` in its one spelling, and chunks in HTTP/1.0 are refused.
 */
export function bodyFraming(
  headers: HeaderList,
  httpVersion: string,
): { ok: true; bodyBytes: number | undefined } | Refusal {
  const coding = firstHeader(headers, 'transfer-encoding');
  const length = firstHeader(headers, 'content-length');
  if (coding !== undefined) {
    if (length !== undefined) return refusal('framing-conflict', 'header:content-length');
    const isChunked = coding === 'chunked' && httpVersion === '1.1';
    if (isChunked) return { ok: true, bodyBytes: undefined };
    return refusal('transfer-encoding-unsupported', 'header:transfer-encoding');
  }
  return length === undefined ? { ok: true, bodyBytes: 0 } : declaredLength(length);
}

function declaredLength(text: string): { ok: true; bodyBytes: number } | Refusal {
  if (!/^\d+$/.test(text)) return refusal('content-length-malformed', 'header:content-length');
  const bodyBytes = Number(text);
  if (!Number.isSafeInteger(bodyBytes)) return refusal('content-length-too-large', 'header:content-length');
  return { ok: true, bodyBytes };
}

/** Whether the request waits for `100 Continue`, or expects nothing; any other expectation cannot be met. */
export function isMetExpectation(headers: HeaderList): boolean {
  const expectation = firstHeader(headers, 'expect');
  return expectation === undefined || expectation.toLowerCase() === '100-continue';
}

/** The names in `Connection` in lower case; undefined when one of them is no token. */
export function connectionOptions(headers: HeaderList): readonly string[] | undefined {
  const options: string[] = [];
  for (const value of allHeaders(headers, 'connection')) {
    if (value === 'keep-alive') continue;
    for (const part of value.split(',')) {
      const option = part.trim().toLowerCase();
      // RFC 9110 §5.6.1.2: empty elements of a list are ignored.
      if (option !== '') options.push(option);
    }
  }
  return options.every((option) => isToken(option)) ? options : undefined;
}
