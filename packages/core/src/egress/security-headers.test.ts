import { describe, expect, it } from 'vitest';
import { allHeaders, firstHeader } from '../header-list.ts';
import { mergeAnswerHeaders, securityHeaders } from './security-headers.ts';

const POLICY = {
  contentSecurityPolicy: "default-src 'self'",
  hstsMaxAgeSeconds: 31_536_000,
  permissionsPolicy: 'camera=()',
};
const security = securityHeaders(POLICY, { https: true });

describe('securityHeaders', () => {
  it.each([
    ['content-security-policy', "default-src 'self'"],
    ['strict-transport-security', 'max-age=31536000; includeSubDomains'],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'same-origin'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['permissions-policy', 'camera=()'],
    ['x-permitted-cross-domain-policies', 'none'],
  ])('SB9: every answer has %s', (name, value) => {
    expect(allHeaders(mergeAnswerHeaders([], security, { isPublic: true }), name)).toEqual([value]);
  });

  it('promises HTTPS only where there is HTTPS, and takes the promise back with 0', () => {
    expect(firstHeader(securityHeaders(POLICY, { https: false }), 'strict-transport-security')).toBeUndefined();
    const none = securityHeaders({ ...POLICY, hstsMaxAgeSeconds: 0 }, { https: true });
    expect(firstHeader(none, 'strict-transport-security')).toBe('max-age=0');
  });
});

describe('mergeAnswerHeaders', () => {
  it("keeps an upstream's own content security policy, every one of them", () => {
    const upstream = ['Content-Security-Policy', "script-src 'none'", 'content-security-policy', "img-src 'self'"];
    const merged = mergeAnswerHeaders(upstream, security, { isPublic: true });
    expect(allHeaders(merged, 'content-security-policy')).toEqual(["script-src 'none'", "img-src 'self'"]);
  });

  it('SB9: an empty policy of an upstream does not switch ours off', () => {
    const merged = mergeAnswerHeaders(['content-security-policy', ' '], security, { isPublic: true });
    expect(allHeaders(merged, 'content-security-policy')).toEqual(["default-src 'self'"]);
  });

  it('SB9: replaces whatever else an upstream says on our subjects', () => {
    const upstream = ['X-Frame-Options', 'ALLOWALL', 'referrer-policy', 'unsafe-url', 'etag', '"1"'];
    const merged = mergeAnswerHeaders(upstream, security, { isPublic: true });
    expect(allHeaders(merged, 'x-frame-options')).toEqual(['DENY']);
    expect(allHeaders(merged, 'referrer-policy')).toEqual(['same-origin']);
    expect(firstHeader(merged, 'etag')).toBe('"1"');
  });

  it.each(['Service-Worker-Allowed', 'Alt-Svc', 'Strict-Transport-Security'])('T1: drops %s of an upstream', (name) => {
    const plain = securityHeaders(POLICY, { https: false });
    expect(firstHeader(mergeAnswerHeaders([name, 'x'], plain, { isPublic: true }), name.toLowerCase())).toBeUndefined();
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
    const merged = mergeAnswerHeaders(upstream, security, { isPublic: false });
    expect(allHeaders(merged, 'cache-control')).toEqual(['private, no-store']);
    expect(firstHeader(merged, 'expires')).toBeUndefined();
    expect(firstHeader(merged, 'cdn-cache-control')).toBeUndefined();
    expect(firstHeader(mergeAnswerHeaders(upstream, security, { isPublic: true }), 'cache-control')).toBe(
      'public, max-age=60',
    );
  });
});
