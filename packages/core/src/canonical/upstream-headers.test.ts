import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allHeaders, firstHeader } from '../header-list.ts';
import type { CanonicalRequest } from '../request.ts';
import { canonicaliseRequest } from './request.ts';
import { upstreamHeaders, type OwnHeaders } from './upstream-headers.ts';

const OPTIONS = { trustedProxies: [], allowedHosts: [], targetBytesMax: 8192, headerBytesMax: 65_536, headersMax: 200 };
const SET = ['x-steadygate-user', 'u1', 'x-steadygate-role', 'member', 'x-provider-key', 'ours'];
const OWN: OwnHeaders = { host: 'upstream:3000', set: SET, keepAuthorization: false, identityEncoding: false };
const WRITTEN = [
  'host',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  ...SET.filter((_, at) => at % 2 === 0),
];

function canonical(headers: readonly string[], method = 'GET'): CanonicalRequest {
  const rawHeaders = ['Host', 'App.example', ...headers];
  const raw = { method, target: '/', rawHeaders, peerAddress: '203.0.113.9', tls: true, httpVersion: '1.1' };
  const result = canonicaliseRequest(raw, OPTIONS, 'r1');
  if (!result.ok) throw new Error(`refused: ${result.rule}`);
  return result.request;
}

const sent = (headers: readonly string[], own: Partial<OwnHeaders> = {}): string[] =>
  upstreamHeaders(canonical(headers), { ...OWN, ...own });

/** What of a client's fields went upstream. */
function passed(headers: readonly string[], own: Partial<OwnHeaders> = {}): string[] {
  const all = sent(headers, own);
  return all.filter((_, at) => !WRITTEN.includes(all[at - (at % 2)] ?? ''));
}

describe('upstreamHeaders', () => {
  it('writes host first, forwarding fields freshly and ours last', () => {
    expect(sent(['Accept', 'text/html', 'X-Custom', 'a', 'X-Custom', 'b'])).toEqual([
      'host',
      'upstream:3000',
      'accept',
      'text/html',
      'x-custom',
      'a',
      'x-custom',
      'b',
      'x-forwarded-for',
      '203.0.113.9',
      'x-forwarded-proto',
      'https',
      'x-forwarded-host',
      'app.example',
      ...SET,
    ]);
  });

  it.each([
    'X-Steadygate-User',
    'X-STEADYGATE-ROLE',
    'X_Steadygate_User',
    'x-steady-gate-user',
    'XSteadygateUser',
    'x.steadygate.user',
    'X-Steadygate-Assertion',
    'Steadygate-User',
    'HTTP_X_STEADYGATE_USER',
    'Http-X-Steadygate-User',
    'x-steadygate_user',
    'X-User',
    'X-User-Id',
    'x_user_id',
    'HTTP_X_USER_ID',
    'HTTP_HTTP_X_USER_ID',
    'X--User--Id',
    'X-UserId',
    'x.user.id',
    'X~User',
    'X-Role',
    'X-Roles',
    'X-Tenant',
    'X-Tenant-Id',
    'X-Groups',
    'X-Email',
    'Remote-User',
    'REMOTE_USER',
    'X-Remote-User',
    'Remote-Groups',
    'X-Auth-Request-User',
    'X-Authenticated-Userid',
    'X-Authorization',
    'X-Amzn-Oidc-Data',
    'X-Goog-Iap-Jwt-Assertion',
    'X-Goog-Authenticated-User-Email',
    'X-MS-Client-Principal',
    'X-MS-CLIENT-PRINCIPAL-ID',
    'X-Envoy-External-Address',
    'X-Consumer-Id',
    'X-Credential-Identifier',
    'SSL-Client-Cert',
    'SSL_CLIENT_S_DN',
    'X-SSL-Client-Verify',
    'X-Client-Cert',
    'Cf-Access-Jwt-Assertion',
    'OIDC_CLAIM_email',
    'X-WEBAUTH-USER',
    'Tailscale-User-Login',
    'Impersonate-User',
    'Auth-User',
  ])('T9: %s names nobody upstream', (name) => {
    expect(passed([name, 'admin'])).toEqual([]);
  });

  it.each([
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Prefix',
    'X-Forwarded-User',
    'x_forwarded_for',
    'Forwarded',
    'Forwarded-For',
    'X-Real-IP',
    'X.Real.IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'X-Client-IP',
    'Client-IP',
    'X-Cluster-Client-IP',
    'Fastly-Client-IP',
    'X-Originating-IP',
    'X-Remote-Addr',
    'X-Original-Forwarded-For',
  ])('forged forwarding: a client’s %s does not pass', (name) => {
    expect(passed([name, '127.0.0.1'])).toEqual([]);
    expect(allHeaders(sent([name, '127.0.0.1']), 'x-forwarded-for')).toEqual(['203.0.113.9']);
  });

  it.each([
    'X-Original-URL',
    'X-Original-Host',
    'X-Rewrite-URL',
    'X-HTTP-Method-Override',
    'X-Method-Override',
    'X-HTTP-Method',
    'X_HTTP_Method_Override',
    'X-HTTP-Host-Override',
    'X-Host',
    'Proxy',
    'Proxy-Authorization',
    'Proxy-Anything',
    'HTTP_PROXY',
    'X-Middleware-Subrequest',
    'X-Invoke-Path',
    'X-Request-Id',
    'X_Request_Id',
    'X-CSRF-Token',
    'X.CSRF.Token',
    'HTTPS',
    'Cookie2',
    'Author-ization',
    'Coo-kie',
    'any_thing',
    'HTTP_ANY',
  ])('T9: the override %s does not pass', (name) => {
    expect(passed([name, 'DELETE'])).toEqual([]);
  });

  it.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'Proxy-Authenticate',
    'TE',
    'Trailer',
    'HTTP2-Settings',
    'Sec-WebSocket-Extensions',
    'SEC-WEBSOCKET-EXTENSIONS',
  ])('%s ends here', (name) => {
    expect(passed([name, 'trailers'])).toEqual([]);
  });

  it('drops Upgrade, Expect and chunked framing, and writes a declared length', () => {
    expect(passed(['Upgrade', 'websocket', 'Expect', '100-continue', 'Transfer-Encoding', 'chunked'])).toEqual([]);
    expect(passed(['Content-Length', '0012'])).toEqual(['content-length', '12']);
    expect(passed(['Content-Length', '0'])).toEqual([]);
  });

  it('drops what Connection names, and never ours', () => {
    const headers = [
      'Connection',
      'close, X-Steadygate-User',
      'Connection',
      'X-CUSTOM,x-forwarded-for, X-Provider-Key',
    ];
    const all = sent([...headers, 'X-Custom', 'a', 'X-Kept', 'b']);
    expect(firstHeader(all, 'x-custom')).toBeUndefined();
    expect(firstHeader(all, 'x-kept')).toBe('b');
    expect(all.slice(-SET.length)).toEqual(SET);
    expect(firstHeader(all, 'x-forwarded-for')).toBe('203.0.113.9');
  });

  it.each(['X-Provider-Key', 'x_provider_key', 'X.Provider.Key', 'XProviderKey', 'HTTP_X_PROVIDER_KEY'])(
    'SB18: a client’s %s does not stand beside an injected one',
    (name) => {
      expect(passed([name, 'theirs'])).toEqual([]);
      expect(allHeaders(sent([name, 'theirs']), 'x-provider-key')).toEqual(['ours']);
    },
  );

  it('SB18: an injected Authorization or User-Agent replaces the client’s', () => {
    const set = ['authorization', 'Bearer provider', 'user-agent', 'gate'];
    const all = sent(['Authorization', 'Bearer theirs', 'User-Agent', 'x'], { set, keepAuthorization: true });
    expect(allHeaders(all, 'authorization')).toEqual(['Bearer provider']);
    expect(allHeaders(all, 'user-agent')).toEqual(['gate']);
  });

  it('T2: Authorization passes only where it is foreign', () => {
    expect(passed(['Authorization', 'Bearer x'])).toEqual([]);
    expect(passed(['Authorization', 'Basic x'], { keepAuthorization: true })).toEqual(['authorization', 'Basic x']);
    expect(passed(['Authorization', 'Bearer sg_live_k1_s'], { keepAuthorization: true })).toEqual([]);
  });

  it('T2: X-API-Key passes only where it is foreign, and no spelling of it passes else', () => {
    expect(passed(['X-API-Key', 'sg_live_k1_s'])).toEqual([]);
    expect(passed(['X-API-Key', 'theirs'])).toEqual([]);
    expect(passed(['X-API-Key', 'sg_live_k1_s'], { keepAuthorization: true })).toEqual([]);
    expect(passed(['X-API-Key', 'theirs'], { keepAuthorization: true })).toEqual(['x-api-key', 'theirs']);
    for (const name of ['X_API_KEY', 'X-Api.Key', 'XAPIKEY', 'HTTP_X_API_KEY', 'X-APIKey']) {
      expect(passed([name, 'theirs'], { keepAuthorization: true })).toEqual([]);
    }
  });

  it('T2: our cookies stop here, others pass', () => {
    expect(passed(['Cookie', '__Host-token=a; theme=dark; __Host-refresh=b'])).toEqual(['cookie', 'theme=dark']);
    expect(passed(['Cookie', '__Host-token=a; token=b'])).toEqual([]);
  });

  it('T8: filtered routes ask for the whole plain representation', () => {
    const headers = [
      'Accept-Encoding',
      'gzip, br',
      'Range',
      'bytes=0-9',
      'If-Range',
      '"x"',
      'If-None-Match',
      '"x"',
      'If-Match',
      '*',
    ];
    const dated = ['If-Modified-Since', 'x', 'If-Unmodified-Since', 'x', 'A-IM', 'feed', 'Accept', 'a/b'];
    expect(passed([...headers, ...dated], { identityEncoding: true })).toEqual([
      'accept',
      'a/b',
      'accept-encoding',
      'identity',
    ]);
    expect(passed(headers)).toEqual(headers.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text)));
  });

  it('passes a WebSocket handshake without the fields that the client library writes', () => {
    const key = 'dGhlIHNhbXBsZSBub25jZQ==';
    const handshake = [
      'Connection',
      'Upgrade',
      'Upgrade',
      'websocket',
      'Sec-WebSocket-Version',
      '13',
      'Sec-WebSocket-Key',
      key,
    ];
    expect(
      passed([...handshake, 'Sec-WebSocket-Protocol', 'chat', 'Sec-WebSocket-Extensions', 'permessage-deflate']),
    ).toEqual(['sec-websocket-version', '13', 'sec-websocket-key', key, 'sec-websocket-protocol', 'chat']);
  });

  it('skips a name that is no token', () => {
    const request = { ...canonical([]), headers: ['bad name', 'x', 'connection', '"'] };
    expect(upstreamHeaders(request, { ...OWN, set: [] })).not.toContain('bad name');
  });

  it('sends ours exactly once and reserved names never, whatever a client sends', () => {
    const name = fc.constantFrom(
      'X-Steadygate-User',
      'x-provider-key',
      'X-Custom',
      'X-User-Id',
      'X-Forwarded-For',
      'X-Steadygate-Role',
    );
    const spelt = fc.tuple(name, fc.infiniteStream(fc.constantFrom('-', '_', '.', '', '--'))).map(([text, marks]) => {
      return text.replace(/-/g, () => marks.next().value ?? '-');
    });
    const connection = fc.array(name, { maxLength: 4 }).map((names) => ['Connection', ['close', ...names].join(', ')]);
    const fields = fc.array(fc.tuple(spelt, fc.constant('theirs')), { maxLength: 8 });
    fc.assert(
      fc.property(connection, fields, (named, list) => {
        const all = sent([...named, ...list.flat()]);
        expect(all.slice(-SET.length)).toEqual(SET);
        for (const ours of WRITTEN) expect(allHeaders(all, ours)).toHaveLength(1);
        for (const [at, text] of all.entries()) {
          if (at % 2 === 0 && !WRITTEN.includes(text)) expect(text.replace(/[^a-z]/g, '')).toBe('xcustom');
        }
      }),
    );
  });
});
