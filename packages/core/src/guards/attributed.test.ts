import { describe, expect, it } from 'vitest';
import {
  decideOn,
  deniedRoute,
  deps,
  fakeAuthenticator,
  keyPrincipal,
  publicRoute,
  route,
  table,
} from '../../test/fixtures.ts';
import { parseRange } from '../net/address.ts';

const gate = (authenticator = fakeAuthenticator(), ...routes: Parameters<typeof table>[0]['routes'] & object) =>
  table({ routes: routes.length > 0 ? routes : [route({ path: '/**' })] }, [], deps({ authenticator }));
const env = (text?: string) => ({
  path: '/.env',
  ...(text === undefined ? {} : { headers: ['authorization', `Bearer ${text}`] }),
});

describe('T13: who asks for a sensitive path', () => {
  it.each([
    ['a session that is known', 'known', 'u1'],
    ['a session that must be looked up', 'stored', 'u1'],
    ['a forged token', 'forged', undefined],
    ['a token that nobody can verify now', 'lost', undefined],
    ['nobody', undefined, undefined],
  ])('%s', async (_, text, userId) => {
    const decision = await decideOn(gate(), env(text));
    expect(decision?.denial).toMatchObject({ code: 'path-refused', violation: 'sensitive-path' });
    expect(decision?.principal?.userId).toBe(userId);
  });

  it('is nobody on routes where no credential is judged', async () => {
    for (const open of [publicRoute({ path: '/**' }), deniedRoute('/**')]) {
      const decision = await decideOn(gate(fakeAuthenticator(), open), env('known'));
      expect(decision?.denial?.code).toBe('path-refused');
      expect(decision?.principal).toBeUndefined();
    }
  });

  it('is not the holder of a key that is used from where it may not be: a stolen one must block nobody', async () => {
    const range = parseRange('10.0.0.0/8');
    const bound = keyPrincipal({ addresses: range === undefined ? [] : [range] });
    const keyed = gate(fakeAuthenticator(bound), route({ path: '/**', access: 'key' }));
    const ask = (clientAddress: string) =>
      decideOn(keyed, { path: '/.env', headers: ['x-api-key', 'known'], clientAddress });
    expect((await ask('203.0.113.9'))?.principal).toBeUndefined();
    expect((await ask('10.1.2.3'))?.principal?.credential.id).toBe('k1');
  });

  it('T24: costs a request that is not refused nothing', async () => {
    const authenticator = fakeAuthenticator();
    await decideOn(gate(authenticator), { path: '/page', headers: ['authorization', 'Bearer known'] });
    expect(authenticator.lookups()).toBe(0);
  });
});
