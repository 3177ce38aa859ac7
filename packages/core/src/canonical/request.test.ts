import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../net/address.ts';
import { PROBLEMS } from '../problem.ts';
import { canonicaliseRequest, type CanonicalOptions, type RawRequest } from './request.ts';

const OPTIONS: CanonicalOptions = {
  trustedProxies: [],
  allowedHosts: [],
  targetBytesMax: 8192,
  headerBytesMax: 16_384,
  headersMax: 100,
};
const HOST = ['Host', 'app.example'];
const WEBSOCKET = [
  'Host',
  'app.example',
  'Connection',
  'Upgrade',
  'Upgrade',
  'websocket',
  'Sec-WebSocket-Version',
  '13',
  'Sec-WebSocket-Key',
  'dGhlIHNhbXBsZSBub25jZQ==',
];

function raw(changes: Partial<RawRequest> = {}): RawRequest {
  return {
    method: 'GET',
    target: '/',
    rawHeaders: HOST,
    peerAddress: '203.0.113.9',
    tls: false,
    httpVersion: '1.1',
    ...changes,
  };
}

const canonicalise = (changes: Partial<RawRequest> = {}, options: Partial<CanonicalOptions> = {}) =>
  canonicaliseRequest(raw(changes), { ...OPTIONS, ...options }, 'r1');

function request(changes: Partial<RawRequest> = {}, options: Partial<CanonicalOptions> = {}) {
  const result = canonicalise(changes, options);
  if (!result.ok) throw new Error(`refused: ${result.rule}`);
  return result.request;
}

const withHeaders = (...headers: string[]) => canonicalise({ rawHeaders: [...HOST, ...headers] });
const without = (headers: readonly string[], name: string): string[] =>
  headers.flatMap((text, at) => (at % 2 === 0 && text !== name ? [text, headers[at + 1] ?? ''] : []));

describe('canonicaliseRequest', () => {
  it('gives a request its one spelling', () => {
    const result = canonicalise({
      method: 'POST',
      target: '/%61pi/./chats?b=1&a=%2f',
      rawHeaders: [
        'HOST',
        'App.Example:8443',
        'Content-Type',
        'application/json',
        'content-length',
        '12',
        'X-Two',
        'a',
        'x-two',
        'b',
      ],
      peerAddress: '::ffff:203.0.113.9',
      tls: true,
    });
    expect(result).toEqual({
      ok: true,
      forwardingForged: false,
      request: {
        id: 'r1',
        method: 'POST',
        path: '/api/chats',
        query: 'b=1&a=%2f',
        host: 'app.example:8443',
        scheme: 'https',
        headers: [
          'host',
          'App.Example:8443',
          'content-type',
          'application/json',
          'content-length',
          '12',
          'x-two',
          'a',
          'x-two',
          'b',
        ],
        clientAddress: '203.0.113.9',
        peerAddress: '203.0.113.9',
        upgrade: undefined,
        bodyBytes: 12,
      },
    });
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('accepts %s', (method) => {
    expect(request({ method }).method).toBe(method);
  });

  it.each(['CONNECT', 'TRACE', 'get', 'Get', 'PROPFIND', 'GETX', 'TRACK', 'DEBUG', 'QUERY'])(
    'T9: refuses the method %s',
    (method) => {
      expect(canonicalise({ method })).toMatchObject({ ok: false, code: 'method-refused' });
    },
  );

  it.each(['', 'GE T', 'GET\r\n', 'GÉT', 'GET/', '(GET)'])('refuses %j as no method', (method) => {
    expect(canonicalise({ method })).toMatchObject({ ok: false, rule: 'method-malformed', code: 'request-malformed' });
  });

  it.each(['', '0.9', '2.0', '1.2', '1', 'HTTP/1.1'])('refuses HTTP version %j', (httpVersion) => {
    expect(canonicalise({ httpVersion })).toMatchObject({ ok: false, rule: 'version-unsupported', closes: true });
  });

  it('speaks HTTP/1.0 with a Host', () => {
    expect(request({ httpVersion: '1.0' }).host).toBe('app.example');
    expect(canonicalise({ httpVersion: '1.0', rawHeaders: [] })).toMatchObject({ rule: 'host-missing' });
  });

  it('knows every peer by an address', () => {
    expect(canonicalise({ peerAddress: '' })).toMatchObject({ ok: false, rule: 'peer-unknown' });
  });
});

describe('the target', () => {
  it.each([
    ['*', 'target-form'],
    ['', 'target-form'],
    ['http://app.example/', 'target-form'],
    ['HTTP://app.example/', 'target-form'],
    ['app.example:443', 'target-form'],
    ['gopher://x/', 'target-form'],
    ['api', 'target-form'],
    ['?a=1', 'target-form'],
    ['/a#b', 'target-fragment'],
    ['/a?b#c', 'target-fragment'],
    ['/a?b=c d', 'query-character'],
    ['/a?b=\u00e9', 'query-character'],
    ['/a?\u0000', 'query-character'],
    ['/a?\r\nX: y', 'query-character'],
    ['/a?"', 'query-character'],
    ['/a?<', 'query-character'],
    ['/a?>', 'query-character'],
    ['/a?\u007f', 'query-character'],
    ['/a?q=100%', 'query-percent'],
    ['/a?q=%zz', 'query-percent'],
    ['/a?%4', 'query-percent'],
    [`/${'a'.repeat(8192)}`, 'target-too-long'],
  ])('%j is refused', (target, rule) => {
    expect(canonicalise({ target })).toMatchObject({ ok: false, rule });
  });

  it.each([
    ['/a?', ''],
    ['/a?b=1?c', 'b=1?c'],
    ["/a?f[x]=1&g={}|^`\\'", "f[x]=1&g={}|^`\\'"],
    ['/a?q=%2F%2e%00;x', 'q=%2F%2e%00;x'],
    ['/a?u=http://x/../y', 'u=http://x/../y'],
  ])('%s keeps its query', (target, query) => {
    expect(request({ target })).toMatchObject({ path: '/a', query });
  });

  it.each([
    ['/%2e%2e/', 'path-above-root', 'path-ambiguous'],
    ['//app.example/', 'path-empty-segment', 'path-ambiguous'],
    ['/a%2Fb', 'path-encoded-separator', 'path-ambiguous'],
    ['/a b', 'path-character', 'request-malformed'],
  ])('T9: %s is refused, and the connection lives on', (target, rule, code) => {
    expect(canonicalise({ target })).toMatchObject({ ok: false, rule, code, field: 'path', closes: false });
  });
});

describe('framing', () => {
  it.each([
    [[], 0],
    [['Content-Length', '0'], 0],
    [['content-length', '007'], 7],
    [['Content-Length', '9007199254740991'], 9_007_199_254_740_991],
    [['Transfer-Encoding', 'chunked'], undefined],
  ])('%j means %s bytes', (headers, bodyBytes) => {
    expect(request({ method: 'POST', rawHeaders: [...HOST, ...headers] }).bodyBytes).toBe(bodyBytes);
  });

  it.each([
    [['Content-Length', '5', 'Content-Length', '5'], 'field-duplicated'],
    [['Content-Length', '5', 'content-length', '6'], 'field-duplicated'],
    [['Content-Length', '5, 5'], 'content-length-malformed'],
    [['Content-Length', '+5'], 'content-length-malformed'],
    [['Content-Length', '-5'], 'content-length-malformed'],
    [['Content-Length', '0x5'], 'content-length-malformed'],
    [['Content-Length', '5 '], 'content-length-malformed'],
    [['Content-Length', '5e1'], 'content-length-malformed'],
    [['Content-Length', '1_0'], 'content-length-malformed'],
    [['Content-Length', ''], 'content-length-malformed'],
    [['Content-Length', '\u00b9'], 'content-length-malformed'],
    [['Content-Length', '9007199254740992'], 'content-length-too-large'],
    [['Content-Length', '9'.repeat(400)], 'content-length-too-large'],
    [['Content-Length', '5', 'Transfer-Encoding', 'chunked'], 'framing-conflict'],
    [['Transfer-Encoding', 'chunked', 'Content-Length', '0'], 'framing-conflict'],
    [['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked'], 'field-duplicated'],
    [['Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'identity'], 'field-duplicated'],
    [['Transfer-Encoding', 'chunked, chunked'], 'transfer-encoding-unsupported'],
    [['Transfer-Encoding', 'gzip, chunked'], 'transfer-encoding-unsupported'],
    [['Transfer-Encoding', 'Chunked'], 'transfer-encoding-unsupported'],
    [['Transfer-Encoding', 'xchunked'], 'transfer-encoding-unsupported'],
    [['Transfer-Encoding', ' chunked'], 'transfer-encoding-unsupported'],
    [['Transfer-Encoding', 'chunked;q=1'], 'transfer-encoding-unsupported'],
    [['Transfer-Encoding', 'identity'], 'transfer-encoding-unsupported'],
    [['Transfer-Encoding', '"chunked"'], 'transfer-encoding-unsupported'],
    [['Transfer-Encoding', ''], 'transfer-encoding-unsupported'],
    ...[
      'Transfer_Encoding',
      'transfer.encoding',
      'TransferEncoding',
      'Transfer--Encoding',
      'HTTP_TRANSFER_ENCODING',
      'Content_Length',
      'content.length',
      'ContentLength',
      'HTTP_CONTENT_LENGTH',
      'Content-Length-',
      '_content-length',
      'Ho-st',
      'HTTP_HOST',
      'Connec-tion',
      'Up_grade',
      'Expect_',
      'T-E',
      'Trail_er',
    ].map((name): [string[], string] => [[name, 'chunked'], 'field-disguised']),
    [['Transfer-Encoding ', 'chunked'], 'field-name'],
    [[' Transfer-Encoding', 'chunked'], 'field-name'],
    [['Transfer-Encoding\t', 'chunked'], 'field-name'],
    [['Transfer-Encoding:', 'chunked'], 'field-name'],
    [['Transfer\u2010Encoding', 'chunked'], 'field-name'],
    [['', 'x'], 'field-name'],
  ])('%j is refused and closes the connection', (headers, rule) => {
    const result = canonicalise({ method: 'POST', rawHeaders: [...HOST, ...headers] });
    expect(result).toMatchObject({ ok: false, rule, closes: true });
  });

  it('has no chunks in HTTP/1.0', () => {
    const result = canonicalise({ httpVersion: '1.0', rawHeaders: [...HOST, 'Transfer-Encoding', 'chunked'] });
    expect(result).toMatchObject({ ok: false, rule: 'transfer-encoding-unsupported' });
  });
});

describe('fields', () => {
  it.each(['a\rb', 'a\nb', 'a\r\n b', 'a\u0000', '\u0001', 'a\u007f', '\u001f', 'a\u0100', '\u2028'])(
    'a value %j is refused',
    (value) => {
      expect(withHeaders('X-A', value)).toMatchObject({
        ok: false,
        rule: 'field-value',
        field: 'header:x-a',
        closes: true,
      });
    },
  );

  it.each(['', 'a\tb', '\u00e9\u00ff', '!"#~'])('a value %j is accepted', (value) => {
    expect(withHeaders('X-A', value).ok).toBe(true);
  });

  it.each([
    'Host',
    'Authorization',
    'Content-Type',
    'Content-Encoding',
    'Origin',
    'Cookie',
    'X-CSRF-Token',
    'Referer',
    'User-Agent',
    'Range',
    'If-Range',
    'If-Modified-Since',
    'Sec-Fetch-Site',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Version',
    'Upgrade',
    'Expect',
    'Last-Event-ID',
    'Access-Control-Request-Method',
    'Proxy-Authorization',
  ])('%s may be sent only once, in any spelling', (name) => {
    const field = `header:${name.toLowerCase()}`;
    const headers = [name, 'a', name.toUpperCase(), 'a'];
    expect(canonicalise({ rawHeaders: headers })).toMatchObject({ ok: false, rule: 'field-duplicated', field });
  });

  it('are bounded in number and size', () => {
    const fields = (count: number) => Array.from({ length: count }, (_, at) => [`x-${at}`, 'v']).flat();
    expect(canonicalise({ rawHeaders: [...HOST, ...fields(99)] }).ok).toBe(true);
    expect(canonicalise({ rawHeaders: [...HOST, ...fields(100)] })).toMatchObject({
      code: 'head-too-large',
      closes: true,
    });
    const bytes = 'Host'.length + 'app.example'.length + 4;
    expect(canonicalise({}, { headerBytesMax: bytes }).ok).toBe(true);
    expect(canonicalise({}, { headerBytesMax: bytes - 1 })).toMatchObject({
      rule: 'fields-too-large',
      code: 'head-too-large',
    });
  });

  it('come in pairs', () => {
    expect(withHeaders('X-A')).toMatchObject({ ok: false, rule: 'field-unpaired' });
  });
});

describe('Host', () => {
  it.each([
    ['Example.COM', 'example.com'],
    ['a', 'a'],
    ['my_app:80', 'my_app:80'],
    ['127.0.0.1:65535', '127.0.0.1:65535'],
    ['[::1]', '[::1]'],
    ['[2001:DB8:0::1]:8080', '[2001:db8::1]:8080'],
    ['[::ffff:127.0.0.1]:1', '127.0.0.1:1'],
    ['1.example', '1.example'],
    ['0xg', '0xg'],
  ])('%s is spelt %s', (value, host) => {
    expect(request({ rawHeaders: ['Host', value] }).host).toBe(host);
  });

  it.each([
    '',
    ' ',
    'a b',
    'a:',
    'a:0',
    'a:65536',
    'a:080',
    'a:8o',
    'a:80:80',
    'a:-1',
    'a:99999',
    ':80',
    'a/b',
    'a?b',
    'a#b',
    'a@b',
    'u:p@a',
    'a,b',
    'a, a',
    'a;b',
    'a%2eb',
    'a\\b',
    'é.example',
    '..',
    'a..b',
    '.a',
    'a.',
    "a'",
    'a"',
    '<a>',
    'a\tb',
    '127.1',
    '0x7f.0.0.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '1.2.3.4.5',
    '256.1.1.1',
    'a.0x',
    '1.2.3.04',
    '[::1',
    '::1',
    '[]',
    '[1.2.3.4]',
    '[::1%25lo]',
    '[v1.x]',
    '[::g]',
    '[::1]x',
    '[::1]:',
    '[::1]80',
    `${'a'.repeat(254)}`,
  ])('%j is refused', (value) => {
    expect(canonicalise({ rawHeaders: ['Host', value] })).toMatchObject({
      ok: false,
      rule: 'host-malformed',
      closes: true,
    });
  });

  it('must be there', () => {
    expect(canonicalise({ rawHeaders: [] })).toMatchObject({ ok: false, rule: 'host-missing' });
  });

  it.each([
    ['app.example', true],
    ['APP.example:8080', true],
    ['api.example:8443', true],
    ['api.example', false],
    ['api.example:443', false],
    ['[::1]:9', true],
    ['evil.example', false],
    ['app.example.evil.example', false],
    ['xapp.example', false],
  ])('T16: %s is allowed: %s', (value, allowed) => {
    const result = canonicalise(
      { rawHeaders: ['Host', value] },
      { allowedHosts: ['App.Example', 'api.example:8443', '[::1]'] },
    );
    expect(result.ok ? 'allowed' : result.rule).toBe(allowed ? 'allowed' : 'host-not-allowed');
  });
});

describe('upgrades', () => {
  it('is WebSocket with an exact handshake', () => {
    expect(request({ rawHeaders: WEBSOCKET }).upgrade).toBe('websocket');
    const spelt = WEBSOCKET.map((text) => ({ Upgrade: 'UPGRADE', websocket: 'WebSocket' })[text] ?? text);
    expect(request({ rawHeaders: [...spelt.slice(0, 3), 'keep-alive, Upgrade', ...spelt.slice(4)] }).upgrade).toBe(
      'websocket',
    );
  });

  it.each([
    ['POST', { method: 'POST' }],
    ['HTTP/1.0', { httpVersion: '1.0' }],
    ['a body', { rawHeaders: [...WEBSOCKET, 'Content-Length', '5'] }],
    ['chunks', { rawHeaders: [...WEBSOCKET, 'Transfer-Encoding', 'chunked'] }],
    ['no version', { rawHeaders: without(WEBSOCKET, 'Sec-WebSocket-Version') }],
    ['another version', { rawHeaders: WEBSOCKET.map((text) => (text === '13' ? '8' : text)) }],
    ['no key', { rawHeaders: without(WEBSOCKET, 'Sec-WebSocket-Key') }],
    ['a short key', { rawHeaders: WEBSOCKET.map((text) => (text.startsWith('dGhl') ? 'dGhl' : text)) }],
    ['a key of loose bits', { rawHeaders: WEBSOCKET.map((text) => text.replace('ZQ==', 'ZR==')) }],
  ])('WebSocket with %s is refused', (_, changes) => {
    const result = canonicalise({ rawHeaders: WEBSOCKET, ...changes });
    expect(result).toMatchObject({ ok: false, rule: 'websocket-handshake', closes: true });
  });

  it.each(['h2c', 'H2C', 'websocket, h2c', 'h2c,websocket', 'h2', 'TLS/1.0', 'websockets', 'websocket,websocket', ''])(
    'to %j is refused',
    (protocol) => {
      const result = withHeaders(
        'Connection',
        'Upgrade, HTTP2-Settings',
        'Upgrade',
        protocol,
        'HTTP2-Settings',
        'AAMAAABk',
      );
      expect(result).toMatchObject({ ok: false, rule: 'upgrade-unsupported', closes: true });
    },
  );

  it('to h2c is refused even where Connection does not name it', () => {
    expect(withHeaders('Upgrade', 'h2c')).toMatchObject({ ok: false, rule: 'upgrade-unsupported' });
  });

  it('that Connection does not name is none', () => {
    expect(request({ rawHeaders: without(WEBSOCKET, 'Connection') }).upgrade).toBeUndefined();
  });
});

describe('Connection and Expect', () => {
  it.each(['Content-Type', 'authorization', 'Cookie', 'host', 'close, Origin', 'Range'])(
    'Connection must not name %s: what is judged is what is sent',
    (value) => {
      expect(withHeaders('Connection', value)).toMatchObject({ ok: false, rule: 'connection-names-end-to-end' });
    },
  );

  it.each(['close x', '"close"', 'keep-alive;q=1', 'a@b', 'x(y)'])('Connection: %s is refused', (value) => {
    expect(withHeaders('Connection', value)).toMatchObject({ ok: false, rule: 'connection-malformed' });
  });

  it.each(['close', 'keep-alive', 'Keep-Alive, , TE', '', 'X-Custom, X-User-Id'])(
    'Connection: %s is accepted',
    (value) => {
      expect(withHeaders('Connection', value).ok).toBe(true);
    },
  );

  it.each([
    ['100-continue', true],
    ['100-Continue', true],
    ['200-ok', false],
    ['', false],
    ['100-continue, x', false],
  ])('Expect: %s is met: %s', (value, met) => {
    const result = withHeaders('Expect', value);
    expect(result.ok ? 'met' : result.code).toBe(met ? 'met' : 'expectation-refused');
  });
});

describe('who calls', () => {
  const headers = [...HOST, 'X-Forwarded-For', '198.51.100.7', 'X-Forwarded-Proto', 'https'];

  it('T13: an unlisted peer’s forwarding fields change nothing and are reported', () => {
    const result = canonicalise({ rawHeaders: headers });
    expect(result).toMatchObject({
      ok: true,
      forwardingForged: true,
      request: { clientAddress: '203.0.113.9', scheme: 'http' },
    });
  });

  it('a listed proxy names the caller and its scheme', () => {
    const trustedProxies = [parseRange('203.0.113.0/24')].filter((range) => range !== undefined);
    const result = canonicalise({ rawHeaders: headers }, { trustedProxies });
    const seen = { clientAddress: '198.51.100.7', peerAddress: '203.0.113.9', scheme: 'https' };
    expect(result).toMatchObject({ ok: true, forwardingForged: false, request: seen });
  });
});

it('never throws, and refuses only by codes of the catalogue', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }));
  const name = fc.oneof(
    text,
    fc.constantFrom('Host', 'Connection', 'Upgrade', 'Content-Length', 'Transfer-Encoding', 'Expect', 'Forwarded'),
  );
  const rawHeaders = fc.array(fc.oneof(name, text), { maxLength: 12 });
  const changes = fc.record(
    {
      method: fc.oneof(text, fc.constant('GET')),
      target: text.map((rest) => `/${rest}`),
      rawHeaders,
      peerAddress: text,
    },
    { requiredKeys: [] },
  );
  const trustedProxies = [parseRange('0.0.0.0/0')].filter((range) => range !== undefined);
  fc.assert(
    fc.property(changes, (changed) => {
      const result = canonicalise(changed, { trustedProxies });
      expect(result.ok || result.code in PROBLEMS).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
