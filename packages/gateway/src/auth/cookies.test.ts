import { describe, expect, it } from 'vitest';
import { clearedCookies, cookieStyle, tokenCookies } from './cookies.ts';

const tokens = { access: { value: 'a', maxAgeSeconds: 599.9 }, refresh: { value: 'r', maxAgeSeconds: 86_400 } };

describe('cookies', () => {
  it('AU2: in production are __Host-, Secure, HttpOnly, SameSite=Strict, and end with their tokens', () => {
    expect(tokenCookies(cookieStyle('production', 'session'), tokens)).toEqual([
      'set-cookie',
      '__Host-token=a; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=599',
      'set-cookie',
      '__Host-refresh=r; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=86400',
    ]);
  });

  it('T16: only in development come without Secure and its prefix', () => {
    const fields = tokenCookies(cookieStyle('development', 'session'), tokens).join('\n');
    expect(fields).not.toMatch(/Secure|__Host-/);
    expect(fields.match(/HttpOnly; SameSite=Strict/g)).toHaveLength(2);
  });

  it.each(['development', 'production'] as const)('T1: of two listeners have different names in %s', (environment) => {
    const names = (['session', 'control'] as const).flatMap((audience) => {
      const { access, refresh } = cookieStyle(environment, audience);
      return [access, refresh];
    });
    expect(new Set(names).size).toBe(4);
  });

  it('are set only where there is a token, and end at once when cleared', () => {
    const style = cookieStyle('production', 'session');
    expect(tokenCookies(style, {})).toEqual([]);
    expect(tokenCookies(style, { access: { value: 'a', maxAgeSeconds: -5 } })[1]).toContain('Max-Age=0');
    expect(clearedCookies(style).filter((_, at) => at % 2 === 1)).toEqual([
      '__Host-token=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0',
      '__Host-refresh=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0',
    ]);
  });
});
