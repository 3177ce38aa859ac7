import { describe, expect, it } from 'vitest';
import { cookieNames, presentedCredential } from './presented-credential.ts';

const names = cookieNames('production');
const cookies = (access: string | undefined, refresh: string | undefined) => ({ kind: 'cookies', access, refresh });

describe('presentedCredential', () => {
  it.each([
    [[], 'none'],
    [['authorization', 'Bearer a.b-c_d~e+f/g=='], { kind: 'bearer', token: 'a.b-c_d~e+f/g==' }],
    [['authorization', 'bEARER  x'], { kind: 'bearer', token: 'x' }],
    [['authorization', 'Bearer'], 'none'],
    [['authorization', 'Bearer a b'], 'none'],
    [['authorization', 'Bearer a,b'], 'none'],
    [['authorization', 'Basic eDp5'], 'none'],
    [['authorization', 'ambiguous'], 'none'],
    [['authorization', 'none'], 'none'],
    [['cookie', '__Host-token=a'], cookies('a', undefined)],
    [['cookie', 'x=1; __Host-refresh=b;__Host-token=a'], cookies('a', 'b')],
    [['cookie', '__Host-token=a', 'cookie', '__Host-refresh=b'], cookies('a', 'b')],
    [['cookie', '__Host-token=a=b='], cookies('a=b=', undefined)],
    [['cookie', '__Host-token=; __Host-refresh='], 'none'],
    [['cookie', '__host-token=a; x__Host-token=b; __Host-token'], 'none'],
    [['cookie', 'token=a; refresh=b'], 'none'],
    [['cookie', '__Host-token=ambiguous'], cookies('ambiguous', undefined)],
    [['x-api-key', 'sg_live_x'], { kind: 'key', key: 'sg_live_x' }],
    [['x-api-key', 'anything'], { kind: 'key', key: 'anything' }],
    [['x-api-key', ''], 'none'],
    [['authorization', 'Bearer sg_test_x'], { kind: 'key', key: 'sg_test_x' }],
    [['authorization', 'Bearer sg_prod_x'], { kind: 'bearer', token: 'sg_prod_x' }],
  ])('reads %j', (headers, presented) => {
    expect(presentedCredential(headers, names, 'sg_')).toEqual(presented);
  });

  it.each([
    [['authorization', 'Bearer a', 'authorization', 'Basic b']],
    [['authorization', '', 'cookie', '__Host-token=a']],
    [['cookie', '__Host-token=a; __Host-token=a']],
    [['cookie', '__Host-token=; __Host-token=a']],
    [['x-api-key', 'a', 'x-api-key', 'a']],
    [['x-api-key', 'a', 'authorization', 'Bearer a']],
    [['x-api-key', 'a', 'authorization', 'Basic a']],
    [['x-api-key', 'a', 'cookie', '__Host-refresh=b']],
    [['cookie', '__Host-refresh=a', 'cookie', 'y=1; __Host-refresh=b']],
  ])('T20: %j is more than one credential', (headers) => {
    expect(presentedCredential(headers, names, 'sg_')).toBe('ambiguous');
  });

  it('T16: in development the names have no prefix', () => {
    expect(presentedCredential(['cookie', 'token=a; refresh=b'], cookieNames('development'), 'sg_')).toEqual(
      cookies('a', 'b'),
    );
  });
});
