import { describe, expect, it } from 'vitest';
import { allHeaders, firstHeader } from '../header-list.ts';
import { answerMerge } from './answer-merge.ts';
import { securityHeaders } from './security-headers.ts';

const POLICY = {
  contentSecurityPolicy: "default-src 'self'",
  hstsMaxAgeSeconds: 31_536_000,
  permissionsPolicy: 'camera=()',
};
const security = securityHeaders(POLICY, { https: true });

describe('answerMerge', () => {
  it("keeps an upstream's own content security policy, every one of them", () => {
    const upstream = ['Content-Security-Policy', "script-src 'none'", 'content-security-policy', "img-src 'self'"];
    const merged = answerMerge(security)(upstream, { own: [], isPublic: true });
    expect(allHeaders(merged, 'content-security-policy')).toEqual(["script-src 'none'", "img-src 'self'"]);
  });

  it('SB9: an empty policy of an upstream does not switch ours off', () => {
    const merged = answerMerge(security)(['content-security-policy', ' '], { own: [], isPublic: true });
    expect(allHeaders(merged, 'content-security-policy')).toEqual(["default-src 'self'"]);
  });

  it('SB9: replaces whatever else an upstream says on our subjects', () => {
    const upstream = ['X-Frame-Options', 'ALLOWALL', 'referrer-policy', 'unsafe-url', 'etag', '"1"'];
    const merged = answerMerge(security)(upstream, { own: [], isPublic: true });
    expect(allHeaders(merged, 'x-frame-options')).toEqual(['DENY']);
    expect(allHeaders(merged, 'referrer-policy')).toEqual(['same-origin']);
    expect(firstHeader(merged, 'etag')).toBe('"1"');
  });

  it.each(['Service-Worker-Allowed', 'Alt-Svc', 'Strict-Transport-Security'])('T1: drops %s of an upstream', (name) => {
    const plain = securityHeaders(POLICY, { https: false });
    expect(
      firstHeader(answerMerge(plain)([name, 'x'], { own: [], isPublic: true }), name.toLowerCase()),
    ).toBeUndefined();
  });

  it('T8: nobody keeps an answer that is not public', () => {
    const upstream = [
      'Cache-Control',
      'public, max-age=60',
      'Expires',
      'later',
      'pragma',
      'x',
      'CDN-Cache-Control',
      'x',
    ];
    const merged = answerMerge(security)(upstream, { own: [], isPublic: false });
    expect(allHeaders(merged, 'cache-control')).toEqual(['private, no-store']);
    expect(firstHeader(merged, 'expires')).toBeUndefined();
    expect(firstHeader(merged, 'cdn-cache-control')).toBeUndefined();
    expect(firstHeader(answerMerge(security)(upstream, { own: [], isPublic: true }), 'cache-control')).toBe(
      'public, max-age=60',
    );
  });

  it('SB9: an answer without fields has all security fields, each once', () => {
    expect(answerMerge(security)([], { own: [], isPublic: true })).toEqual(security);
  });

  it('our own fields for one answer replace the upstream’s, cookies and Vary stand beside them', () => {
    const upstream = [
      'X-Request-Id',
      'forged',
      'RateLimit',
      'forged',
      'Vary',
      'Accept',
      'Set-Cookie',
      'theme=dark',
      'etag',
      '"1"',
    ];
    const own = ['x-request-id', 'r1', 'ratelimit', '1', 'vary', 'Origin', 'set-cookie', 'token=t'];
    const merged = answerMerge([])(upstream, { own, isPublic: true });
    expect(merged).toEqual(['vary', 'Accept', 'set-cookie', 'theme=dark', 'etag', '"1"', ...own]);
  });
});
