import { describe, expect, it } from 'vitest';
import {
  context,
  decideOn,
  deps,
  fakeAuthenticator,
  keyPrincipal,
  NOW,
  ownRoute,
  policy,
  principal,
  publicRoute,
  request,
  route,
  table,
  verdictOf,
} from '../../test/fixtures.ts';
import { addressSubject, type BlockSubject } from '../blocks/block.ts';
import { BlockBook } from '../blocks/block-book.ts';
import { parseRange } from '../net/address.ts';
import type { Policy } from '../policy/policy.ts';
import { callerBlockGuard } from './block.ts';

const ADDRESS = addressSubject('198.51.100.7');
const token = (text: string) => ({ headers: ['authorization', `Bearer ${text}`] });

function blocking(...subjects: BlockSubject[]): BlockBook {
  const book = new BlockBook();
  for (const subject of subjects) book.put({ id: 'b1', subject, untilMs: NOW + 59_001, cause: 'waf: sqli-1' });
  return book;
}

const gate = (changes: Partial<Policy> = {}, authenticator = fakeAuthenticator()) =>
  table(
    { routes: [route(), publicRoute({ path: '/open' })], ...changes },
    [],
    deps({ authenticator, blocks: blocking(ADDRESS) }),
  );

describe('WK3: a blocked address', () => {
  it('is refused without a credential, and told until when and nothing else', async () => {
    const decision = await decideOn(gate(), {});
    expect(decision?.denial).toEqual({ guard: 'block.address', code: 'blocked', facts: { retryAfterSeconds: 60 } });
    expect(decision?.findings).toEqual([
      {
        guard: 'block.address',
        rule: 'blocked address',
        evidence: 'block b1, for another 60 s (waf: sqli-1)',
        config: 'blocks',
        exception: 'steadygate block lift b1\nblocks.allow: ["198.51.100.7"]',
      },
    ]);
  });

  it('is refused on public routes, whatever it presents there', async () => {
    expect((await decideOn(gate(), { path: '/open', ...token('known') }))?.denial?.code).toBe('blocked');
  });

  it.each(['known', 'stored'])('T13: binds no good session from there: %s', async (text) => {
    expect((await decideOn(gate(), token(text)))?.outcome).toBe('allow');
  });

  it('T24: a bad credential from there is refused, and looked up no more often than an address may fail', async () => {
    const authenticator = fakeAuthenticator();
    const blocked = gate({}, authenticator);
    const codes: (string | undefined)[] = [];
    for (let at = 0; at < 12; at += 1) codes.push((await decideOn(blocked, token(`forged-${at}`)))?.denial?.code);
    expect(codes).toEqual([...Array.from({ length: 10 }, () => 'credential-required'), 'rate-limited', 'rate-limited']);
    expect(authenticator.lookups()).toBe(10);
  });

  it('T13: who opens a page is sent to log in as ever, a program is not', async () => {
    const navigation = { headers: ['accept', 'text/html,*/*', 'sec-fetch-mode', 'navigate'] };
    expect((await decideOn(gate(), navigation))?.denial?.code).toBe('credential-required');
    for (const changes of [
      { ...navigation, method: 'POST' },
      { headers: ['accept', 'text/html', 'sec-fetch-mode', 'no-cors'] },
      { headers: ['accept', 'application/json'] },
      { ...navigation, path: '/open' },
    ]) {
      expect((await decideOn(gate(), changes))?.denial?.code).toBe('blocked');
    }
  });

  it('T13: preflights are answered: they carry no credential, and their pages may have one', async () => {
    const cors = { ...policy().cors, origins: ['https://page.example'] };
    const headers = ['origin', 'https://page.example', 'access-control-request-method', 'GET'];
    expect((await decideOn(gate({ cors }), { method: 'OPTIONS', headers }))?.outcome).toBe('answer');
  });

  it('may log in: attempts have a budget of their own', async () => {
    const login = ownRoute('/auth/login', { isOpenToBlocked: true });
    const blocked = table({}, [login, ownRoute('/control/v1/page')], deps({ blocks: blocking(ADDRESS) }));
    const asked = { path: '/auth/login', method: 'POST', headers: ['origin', 'https://app.example.com'], bodyBytes: 9 };
    expect((await decideOn(blocked, asked))?.denial).toBeUndefined();
    expect((await decideOn(blocked, { path: '/control/v1/page' }))?.denial?.code).toBe('blocked');
  });

  it('on the allow list is let in; limits and inspection hold all the same', async () => {
    const blocks = { ...policy().blocks, allow: ['198.51.100.0/24'] };
    const allowed = gate({ blocks });
    expect((await decideOn(allowed, { path: '/open' }))?.outcome).toBe('allow');
    expect((await decideOn(allowed, { path: '/open/.env' }))?.denial).toBeUndefined();
    expect(
      (await decideOn(gate({ blocks, routes: [publicRoute({ path: '/**' })] }), { path: '/.env' }))?.denial?.code,
    ).toBe('path-refused');
  });
});

describe('WK3: a blocked caller', () => {
  const guard = (allow: readonly string[], ...subjects: BlockSubject[]) =>
    callerBlockGuard({
      blocks: blocking(...subjects),
      allow: allow.map(parseRange).filter((range) => range !== undefined),
    });
  const user = (tenantId = 'default'): BlockSubject => ({ kind: 'user', tenantId, id: 'u1' });
  const key: BlockSubject = { kind: 'key', tenantId: 'default', id: 'k1' };

  it.each([
    ['the user', principal(), user(), 'deny'],
    ['T13: the same user in another tenant', principal({ tenantId: 'acme' }), user(), 'allow'],
    ['the key', keyPrincipal(), key, 'deny'],
    ['T13: somebody from a blocked address', principal(), ADDRESS, 'allow'],
  ] as const)('%s', async (_, who, subject, outcome) => {
    expect((await verdictOf(guard([], subject), context({ principal: who }))).outcome).toBe(outcome);
  });

  it('from an allowed address is let in', async () => {
    const allowed = guard(['198.51.100.7'], user());
    expect((await verdictOf(allowed, context({ principal: principal() }))).outcome).toBe('allow');
    const elsewhere = request({ clientAddress: '203.0.113.9' });
    expect((await verdictOf(allowed, context({ principal: principal(), request: elsewhere }))).denial?.code).toBe(
      'blocked',
    );
  });

  it('passes whoever is not known', async () => {
    expect((await verdictOf(guard([], user()), context())).outcome).toBe('allow');
  });

  it('is refused before it is metered', () => {
    const guards = table({}).rows()[0]?.guards ?? [];
    expect(guards.indexOf('block.caller')).toBe(guards.indexOf('authenticate') + 1);
  });
});
