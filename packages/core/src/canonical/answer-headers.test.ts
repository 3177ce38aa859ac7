import { describe, expect, it } from 'vitest';
import { answerHeadersFromUpstream } from './answer-headers.ts';

describe('answerHeadersFromUpstream', () => {
  it('passes what is the upstream’s to say, in lower case and in order', () => {
    const raw = [
      'Content-Type',
      'text/html',
      'Set-Cookie',
      'a=1; Path=/',
      'Set-Cookie',
      'b=2',
      'X-Custom',
      'v',
      'ETag',
      '"x"',
      'WWW-Authenticate',
      'Basic',
    ];
    expect(answerHeadersFromUpstream(raw)).toEqual([
      'content-type',
      'text/html',
      'set-cookie',
      'a=1; Path=/',
      'set-cookie',
      'b=2',
      'x-custom',
      'v',
      'etag',
      '"x"',
      'www-authenticate',
      'Basic',
    ]);
  });

  it.each([
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'Proxy-Authenticate',
    'Proxy-Authentication-Info',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Transfer_Encoding',
    'Content_Length',
    'Upgrade',
    'HTTP2-Settings',
    'Sec-WebSocket-Extensions',
    'Service-Worker-Allowed',
    'service_worker_allowed',
    'Alt-Svc',
    'Server',
    'X-Powered-By',
    'X-AspNet-Version',
    'X-Runtime',
    'X-Steadygate-User',
    'X_Steadygate_Role',
    'X-Steadygate-Anything',
    'X-Request-Id',
    'x-request_id',
    'Set-Cookie2',
    'Set_Cookie',
    'Strict-Transport-Security',
    'Public-Key-Pins',
    'Access-Control-Allow-Origin',
    'access-control-allow-credentials',
  ])('T1: an upstream’s %s stays behind', (name) => {
    expect(answerHeadersFromUpstream([name, 'x', 'X-Kept', 'y'])).toEqual(['x-kept', 'y']);
  });

  it('drops what Connection names', () => {
    expect(answerHeadersFromUpstream(['Connection', 'close, X-Hop', 'X-HOP', 'a', 'X-Kept', 'b'])).toEqual([
      'x-kept',
      'b',
    ]);
    expect(answerHeadersFromUpstream(['Connection', '"', 'X-Kept', 'b'])).toEqual(['x-kept', 'b']);
  });

  it.each([
    '__Host-token=x; Path=/; Secure',
    '__Host-refresh=x',
    '__host-TOKEN=x',
    'token=x',
    'Refresh=',
    ' token = x',
    'token',
    '=token=x',
    '==__Host-token=x',
    '"token"=x',
    'tok%65n=x',
    '%5F_Host-token=x',
    '..Host-token=x',
    '__Host_token=x',
    '__Secure-token=x',
    '\ttoken\t=x',
    ...["'refresh'=x", '$token=x', '[_Host-token=x', 'token\u00a0=x', ';token', '__Host-token;a=b'].filter(
      (text) => text !== ';token',
    ),
  ])('T2: Set-Cookie %j with a name of ours stays behind', (value) => {
    expect(answerHeadersFromUpstream(['Set-Cookie', value])).toEqual([]);
  });

  it.each([
    'csrf_token=x',
    '_token=x',
    'mytoken=x',
    'token2=x',
    'refresh-rate=x',
    '__Host-session=x',
    'hosttoken=x',
    ';token',
    '',
    'a=token=x',
  ])('Set-Cookie %j with another name passes', (value) => {
    expect(answerHeadersFromUpstream(['set-cookie', value])).toEqual(['set-cookie', value]);
  });

  it.each(['a\r\nSet-Cookie: x', 'a\nb', 'a\u0000', '\u007f', '\u0100'])('drops a field with the value %j', (value) => {
    expect(answerHeadersFromUpstream(['Content-Type', value, 'X-A', value, 'Set-Cookie', value])).toEqual([]);
  });

  it.each(['', 'a b', 'a:b', 'a\r\n', '\u00e9'])('drops a field with the name %j', (name) => {
    expect(answerHeadersFromUpstream([name, 'x'])).toEqual([]);
  });

  it('drops a name without a value', () => {
    expect(answerHeadersFromUpstream(['x-a', 'b', 'x-c'])).toEqual(['x-a', 'b']);
  });

  it('T8: drops what describes the upstream’s bytes when the gate rewrites them', () => {
    const raw = [
      'Content-Length',
      '5',
      'Content-Encoding',
      'gzip',
      'ETag',
      '"x"',
      'Last-Modified',
      'x',
      'Accept-Ranges',
      'bytes',
      'Content-Range',
      'x',
      'Content-MD5',
      'x',
      'Digest',
      'x',
      'Content-Digest',
      'x',
      'Repr-Digest',
      'x',
      'Content-Type',
      'a/b',
    ];
    expect(answerHeadersFromUpstream(raw, { rewritten: true })).toEqual(['content-type', 'a/b']);
    expect(answerHeadersFromUpstream(raw, { rewritten: false })).toHaveLength(raw.length);
  });
});
