import type { BenchRequest, Chance } from './waf-requests.ts';

type Place = (value: string, pick: Chance) => BenchRequest;

const name = (pick: Chance): string => pick.of(['id', 'q', 'file', 'page', 'user', 'email', 'comment', 'url', 'data']);
const printable = (value: string): string => value.replaceAll(/[\r\n\0]/g, (it) => encodeURIComponent(it));

function post(type: string, body: string): BenchRequest {
  return { method: 'POST', path: '/api/items', headers: { 'content-type': type }, body };
}

function get(path: string, headers: Record<string, string> = {}): BenchRequest {
  return { method: 'GET', path, headers, body: '' };
}

function deep(value: unknown, depth: number): unknown {
  return depth === 0 ? value : [{ inner: deep(value, depth - 1) }];
}

const xml = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Where a value can stand in a request. */
export const PLACES: Readonly<Record<string, Place>> = {
  query: (value, pick) => get(`/api/items?page=1&${name(pick)}=${encodeURIComponent(value)}`),
  'query without a name': (value) => get(`/api/items?${encodeURIComponent(value)}`),
  form: (value, pick) => post('application/x-www-form-urlencoded', `page=1&${name(pick)}=${encodeURIComponent(value)}`),
  json: (value, pick) => post('application/json', JSON.stringify({ page: 1, [name(pick)]: value, tags: ['a'] })),
  'deep json': (value, pick) => post('application/json', JSON.stringify(deep(value, 5 + pick.below(20)))),
  'long json': (value) =>
    post('application/json', JSON.stringify({ tags: [...Array.from({ length: 300 }, (_, at) => `t${at}`), value] })),
  multipart: (value) =>
    post(
      'multipart/form-data; boundary=b',
      `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${value}\r\n--b--\r\n`,
    ),
  cdata: (value) => post('application/xml', `<?xml version="1.0"?><a><![CDATA[${value}]]></a>`),
  'xml text': (value) => post('text/xml', `<?xml version="1.0"?><a><b>${xml(value)}</b></a>`),
  'xml attribute': (value) => post('text/xml', `<?xml version="1.0"?><a b="${xml(value)}"/>`),
  'graphql variable': (value) =>
    post(
      'application/json',
      JSON.stringify({ query: 'query($a: String) { x(a: $a) { id } }', variables: { a: value } }),
    ),
  'plain text': (value) => post('text/plain', value),
  cookie: (value) => get('/', { cookie: `a=1; b=${encodeURIComponent(value)}` }),
  header: (value) => get('/', { 'x-custom': printable(value) }),
  agent: (value) => get('/', { 'user-agent': printable(value) }),
  referer: (value) => get('/', { referer: `https://a.example/?q=${encodeURIComponent(value)}` }),
  segment: (value) => get(`/api/items/${encodeURIComponent(value)}`),
};

/** Places of classes that are at home in few. */
export const PLACES_OF: Readonly<Record<string, readonly string[]>> = {
  scanner: ['agent'],
  xxe: ['query', 'form', 'json', 'cdata', 'plain text', 'multipart', 'document'],
  prototype: ['query', 'query without a name', 'form', 'json', 'multipart', 'cookie', 'document'],
};

/** A value that is the request's whole body, or its path. */
export const WHOLE: Readonly<Record<string, Place>> = {
  document: (value) => post(value.startsWith('<') ? 'application/xml' : 'text/plain', value),
  path: (value) => get(value),
};
