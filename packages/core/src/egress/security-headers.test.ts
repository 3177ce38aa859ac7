import { describe, expect, it } from 'vitest';
import { allHeaders, firstHeader } from '../header-list.ts';
import { securityHeaders } from './security-headers.ts';

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
    expect(allHeaders(security, name)).toEqual([value]);
  });

  it('promises HTTPS only where there is HTTPS, and takes the promise back with 0', () => {
    expect(firstHeader(securityHeaders(POLICY, { https: false }), 'strict-transport-security')).toBeUndefined();
    const none = securityHeaders({ ...POLICY, hstsMaxAgeSeconds: 0 }, { https: true });
    expect(firstHeader(none, 'strict-transport-security')).toBe('max-age=0');
  });
});
