import type { HeaderList } from '../header-list.ts';
import type { CanonicalRequest } from '../request.ts';
import { fieldAt, type FieldVisitor } from './field.ts';
import { visitPairs } from './pairs.ts';

/* Written by user agents and proxies from a small alphabet; anything outside it is inspected like every other field. */
const PLAIN_HEADERS = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expect',
  'host',
  'if-modified-since',
  'if-none-match',
  'keep-alive',
  'origin',
  'pragma',
  'priority',
  'range',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'te',
  'transfer-encoding',
  'upgrade',
  'upgrade-insecure-requests',
  'x-request-id',
]);
const PLAIN_VALUE = /^[\w*/+.,;:=" -]{0,1024}$/;
/* A scheme and one opaque token: a secret, which no interpreter reads. */
const CREDENTIAL = /^(?:bearer|basic|token|apikey|digest|negotiate)\s[\w.~+/=-]{1,8192}$/i;
const FILE_HEADERS = /^x[-_.]?file-?_?name$/;

/** Visits path, query, and every header and cookie of a request. */
export function visitHead(request: CanonicalRequest, visit: FieldVisitor): boolean {
  const { path, query, headers } = request;
  if (path.length > 1 && visitPath(path, visit)) return true;
  return visitPairs(query, 'query', visit) || visitHeaders(headers, visit);
}

const SEGMENT_CHARS_MIN = 12;
const ODD_SEGMENT = /[^\w.-]/;

/** The whole, and segments by themselves that are long or hold punctuation: one may be an encoding, or all of an attack. */
function visitPath(path: string, visit: FieldVisitor): boolean {
  if (visit(fieldAt('path', 'path', { name: '', value: path }))) return true;
  if (path.length <= SEGMENT_CHARS_MIN) return false;
  return path.split('/').some((value) => {
    const isWorth = value.length >= SEGMENT_CHARS_MIN || ODD_SEGMENT.test(value);
    return isWorth && visit(fieldAt('path', 'path', { name: '', value }));
  });
}

function visitHeaders(headers: HeaderList, visit: FieldVisitor): boolean {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    const value = headers[at + 1] ?? '';
    if (name === 'cookie' ? visitCookies(value, visit) : visitHeader(name, value, visit)) return true;
  }
  return false;
}

function visitHeader(name: string, value: string, visit: FieldVisitor): boolean {
  if (PLAIN_HEADERS.has(name) && PLAIN_VALUE.test(value)) return false;
  if (name.endsWith('authorization') && CREDENTIAL.test(value)) return false;
  const kind = FILE_HEADERS.test(name) ? 'file' : 'header';
  return (
    visit(fieldAt(kind, `header:${name}`, { name, value })) ||
    (name === 'referer' && visitPageQuery(value, visit)) ||
    visit(fieldAt('name', `header:${name}`, { name, value: name }))
  );
}

/** The query of the page that led here: applications read it as they read their own. */
function visitPageQuery(value: string, visit: FieldVisitor): boolean {
  const mark = value.indexOf('?');
  return (
    mark >= 0 &&
    visitPairs(value.slice(mark + 1), 'query', (field) => visit({ ...field, path: () => 'header:referer' }))
  );
}

/* What the gate issued itself. */
const OWN_COOKIE = /^(?:__Host-)?(?:token|refresh|control-token|control-refresh)$/;

function visitCookies(value: string, visit: FieldVisitor): boolean {
  // A value that holds `;` is cut by its readers in different ways: the whole is looked at, too.
  if (/[<>'"(){}]/.test(value) && visit(fieldAt('cookie', 'header:cookie', { name: '', value }))) return true;
  for (const piece of value.split(';')) {
    const mark = piece.indexOf('=');
    const name = mark < 0 ? '' : piece.slice(0, mark).trim();
    if (OWN_COOKIE.test(name)) continue;
    const place = `cookie:${name}`;
    const inner = piece.slice(mark + 1).trim();
    if (inner !== '' && visit(fieldAt('cookie', place, { name, value: inner }))) return true;
    if (name !== '' && visit(fieldAt('name', place, { name, value: name }))) return true;
  }
  return false;
}
