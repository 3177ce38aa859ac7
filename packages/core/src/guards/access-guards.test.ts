import { describe, expect, it } from 'vitest';
import {
  context,
  fakeAuthenticator,
  limit,
  memoryBuckets,
  NO_CORS,
  NOW,
  principal,
  remoteBuckets,
  request,
  route,
  verdictOf,
  viaBearer,
} from '../../test/fixtures.ts';
import { credentialJudge } from '../credential/credential-judge.ts';
import { cookieNames } from '../credential/presented-credential.ts';
import type { Verdict } from '../guard.ts';
import { firstHeader } from '../header-list.ts';
import { credentialBudget } from '../limits/credential-budget.ts';
import { originJudge } from '../policy/origins.ts';
import { authenticateGuard } from './authenticate.ts';
import { csrfGuard } from './csrf.ts';
import { permissionGuard } from './permission.ts';
import { tenantGuard } from './tenant.ts';

function parts(buckets = memoryBuckets(), authenticator = fakeAuthenticator()) {
  const budget = credentialBudget(limit('address', 10, { config: 'limits.credentials' }), buckets);
  return { judge: credentialJudge({ authenticator, budget }), authenticator, buckets };
}

const SESSIONS = { access: 'session', keyPrefix: 'sg_', keyEnvironments: ['live'] } as const;

function authenticating(buckets = memoryBuckets(), authenticator = fakeAuthenticator()) {
  const { judge } = parts(buckets, authenticator);
  return {
    guard: authenticateGuard({ judge, cookies: cookieNames('production'), ...SESSIONS }),
    authenticator,
    buckets,
  };
}

const withHeaders = (...headers: string[]) => context({ request: request({ headers }) });
const withToken = (token: string) => withHeaders('authorization', `Bearer ${token}`);
const withCookie = (cookie: string) => withHeaders('cookie', cookie);

describe('authenticate', () => {
  it.each([
    ['x-forwarded-for', '127.0.0.1', true],
    ['X-Forwarded-Proto', 'https', true],
    ['forwarded', 'for=127.0.0.1', true],
    ['x-real-ip', '127.0.0.1', true],
    ['via', '1.1 tunnel', true],
    ['x-requested-with', 'fetch', false],
  ])('T16: development cookies beside %s: %s count as none: %s', async (name, value, refused) => {
    const { judge } = parts();
    const guard = authenticateGuard({ judge, cookies: cookieNames('development'), ...SESSIONS });
    const decision = await verdictOf(guard, withHeaders('cookie', 'token=known', name.toLowerCase(), value));
    expect(decision.denial?.code === 'credential-required').toBe(refused);
  });

  it('SB1: refuses a request without a credential, and says which kind is wanted', async () => {
    const decision = await verdictOf(authenticating().guard, context());
    expect(decision.denial?.code).toBe('credential-required');
    expect(firstHeader(decision.answerHeaders, 'www-authenticate')).toBe('Bearer realm="steadygate"');
  });

  it.each([withToken('known'), withCookie('__Host-token=known'), withToken('stored')])(
    'AU3: knows who calls (%#)',
    async (ctx) => {
      const decision = await verdictOf(authenticating().guard, ctx);
      expect(decision).toMatchObject({ outcome: 'allow', principal: { userId: 'u1' } });
    },
  );

  it('hands on what a renewal sets', async () => {
    const decision = await verdictOf(authenticating().guard, withCookie('__Host-token=renewed'));
    expect(firstHeader(decision.answerHeaders, 'set-cookie')).toBe('__Host-token=new');
  });

  it('answers a bad credential like none, whatever is wrong with it', async () => {
    const { guard } = authenticating();
    const none = await verdictOf(guard, context());
    for (const ctx of [withToken('forged'), withToken('bad'), withCookie('__Host-refresh=x')]) {
      const { denial, answerHeaders } = await verdictOf(guard, ctx);
      const { violation: _, ...told } = denial ?? {};
      expect({ denial: told, answerHeaders }).toEqual({ denial: none.denial, answerHeaders: none.answerHeaders });
    }
  });

  it.each([
    withHeaders('authorization', 'Bearer known', 'cookie', '__Host-token=known'),
    withHeaders('authorization', 'Basic eDp5', 'cookie', '__Host-token=known'),
    withHeaders('authorization', 'Bearer known', 'authorization', 'Bearer known'),
    withCookie('__Host-token=a; __Host-token=b'),
    withHeaders('cookie', '__Host-refresh=a', 'cookie', '__Host-refresh=b'),
  ])('T20: two credentials are none (%#)', async (ctx) => {
    expect((await verdictOf(authenticating().guard, ctx)).denial?.code).toBe('credentials-ambiguous');
  });

  it('stays synchronous and counts nothing for a credential already verified', () => {
    const { guard, buckets } = authenticating();
    // Not a promise: that is what is shown here.
    const verdict = guard.evaluate(withToken('known')) as Verdict;
    expect(verdict.kind).toBe('identify');
    expect(buckets.keys()).toEqual([]);
  });

  it.each(['forged', 'bad'])(
    'SB7: the 11th %s credential of an address in 15 minutes is not looked at',
    async (kind) => {
      const { guard, authenticator } = authenticating();
      for (let at = 0; at < 10; at += 1) {
        expect((await verdictOf(guard, withToken(kind))).denial?.code).toBe('credential-required');
      }
      const lookups = authenticator.lookups();
      const refused = await verdictOf(guard, withToken('stored'));
      expect(refused.denial).toMatchObject({
        code: 'rate-limited',
        facts: { limit: { name: 'credentials', rate: '10/15m' } },
      });
      expect(authenticator.lookups()).toBe(lookups);
      expect((await verdictOf(guard, withToken('known'))).outcome).toBe('allow');
      const later = { ...withToken('stored'), nowMs: NOW + 90_000 };
      expect((await verdictOf(guard, later)).outcome).toBe('allow');
    },
  );

  it('T24: a good credential gives its attempt back', async () => {
    const { guard } = authenticating();
    for (let at = 0; at < 30; at += 1) expect((await verdictOf(guard, withToken('stored'))).outcome).toBe('allow');
  });

  it('T24: a page that loads thirty files at once is one attempt and one look-up', async () => {
    const { guard, authenticator } = authenticating();
    const all = await Promise.all(
      Array.from({ length: 30 }, () => verdictOf(guard, withCookie('__Host-token=stored'))),
    );
    expect(all.every(({ outcome }) => outcome === 'allow')).toBe(true);
    expect(authenticator.lookups()).toBe(1);
  });

  it('T24: thirty different guesses at once are ten look-ups', async () => {
    const { guard, authenticator } = authenticating();
    await Promise.all(Array.from({ length: 30 }, (_, at) => verdictOf(guard, withToken(`guess${at}`))));
    expect(authenticator.lookups()).toBe(10);
  });

  it('fails closed while the store is lost, and locks nobody out for it', async () => {
    const budget = credentialBudget(limit('address', 10), remoteBuckets());
    const judge = credentialJudge({ authenticator: fakeAuthenticator(), budget });
    const guard = authenticateGuard({ judge, cookies: cookieNames('production'), ...SESSIONS });
    for (let at = 0; at < 20; at += 1) {
      expect((await verdictOf(guard, withToken('lost'))).denial?.code).toBe('unavailable');
    }
    expect((await verdictOf(guard, withToken('stored'))).outcome).toBe('allow');
  });
});

describe('permission', () => {
  const guard = permissionGuard({ read: 'chats:read', write: 'chats:write' }, route());
  const viewer = principal({ role: 'viewer', grants: ['*:read'] });

  it.each([
    ['GET', 'allow'],
    ['HEAD', 'allow'],
    ['POST', 'deny'],
    ['PUT', 'deny'],
    ['PATCH', 'deny'],
    ['DELETE', 'deny'],
  ])('SB4: %s of a viewer: %s', async (method, outcome) => {
    const decision = await verdictOf(guard, context({ principal: viewer, request: request({ method }) }));
    expect(decision.outcome).toBe(outcome);
    if (outcome === 'allow') return;
    expect(decision.denial?.code).toBe('permission-denied');
    expect(decision.findings[0]).toMatchObject({
      rule: 'needs chats:write',
      config: 'routes[0].permission',
      exception: `roles.viewer.permissions: ['*:read', chats:write]`,
    });
  });

  it('T3: refuses when nobody is known', async () => {
    const decision = await verdictOf(guard, context());
    expect(decision.denial?.code).toBe('permission-denied');
    expect(decision.findings[0]?.exception).toBeUndefined();
  });

  it('T15: names no exception for a platform permission outside tenant system', async () => {
    const platform = permissionGuard({ read: 'config:read', write: 'config:write' }, route());
    const tenants = [principal({ grants: ['*'] }), principal({ tenantId: 'system', grants: ['app:read'] })];
    const decisions = await Promise.all(tenants.map((who) => verdictOf(platform, context({ principal: who }))));
    expect(decisions.map(({ outcome }) => outcome)).toEqual(['deny', 'deny']);
    expect(decisions.map(({ findings }) => findings[0]?.exception)).toEqual([
      undefined,
      'roles.member.permissions: [app:read, config:read]',
    ]);
  });
});

describe('tenant', () => {
  it.each([
    [principal(), 'allow'],
    [principal({ tenantId: 'system', grants: ['*'] }), 'deny'],
    [undefined, 'deny'],
  ])('T15: keeps sessions of tenant system off upstreams (%#)', async (who, outcome) => {
    expect((await verdictOf(tenantGuard(), context({ principal: who }))).outcome).toBe(outcome);
  });
});

describe('csrf', () => {
  const listed = { ...NO_CORS, origins: ['https://ui.example.org'] };
  const own = 'https://app.example.com';
  const guardOf = (csrf: 'origin-or-token' | 'token' | 'origin', isPublic = false) =>
    csrfGuard({
      csrf,
      isPublic,
      origins: originJudge([own], listed),
      isCsrfToken: (sessionId, token) => token === `csrf-${sessionId}`,
    });
  const post = (headers: readonly string[], who = principal()) =>
    context({ principal: who, request: request({ method: 'POST', headers }) });

  it.each([
    ['origin-or-token', [], 'deny'],
    ['origin-or-token', ['origin', 'https://evil.example'], 'deny'],
    ['origin-or-token', ['origin', 'null'], 'deny'],
    ['origin-or-token', ['origin', 'https://app.example.com.evil.example'], 'deny'],
    ['origin-or-token', ['sec-fetch-site', 'cross-site'], 'deny'],
    ['origin-or-token', ['sec-fetch-site', 'same-site'], 'deny'],
    ['origin-or-token', ['sec-fetch-site', 'none'], 'deny'],
    ['origin-or-token', ['x-csrf-token', 'csrf-s2'], 'deny'],
    ['origin-or-token', ['sec-fetch-site', 'same-origin'], 'allow'],
    ['origin-or-token', ['origin', own], 'allow'],
    ['origin-or-token', ['origin', 'https://ui.example.org'], 'allow'],
    ['origin-or-token', ['x-csrf-token', 'csrf-s1'], 'allow'],
    ['token', [], 'deny'],
    ['token', ['origin', own], 'deny'],
    ['token', ['sec-fetch-site', 'same-origin'], 'deny'],
    ['token', ['x-csrf-token', 'csrf-s1', 'origin', 'https://evil.example'], 'deny'],
    ['token', ['x-csrf-token', 'csrf-s1', 'sec-fetch-site', 'cross-site'], 'deny'],
    ['token', ['x-csrf-token', 'csrf-s1'], 'allow'],
    ['token', ['x-csrf-token', 'csrf-s1', 'origin', own], 'allow'],
    ['origin', ['origin', 'https://evil.example'], 'deny'],
    ['origin', ['origin', own], 'allow'],
    ['origin', [], 'allow'],
  ] as const)('SB22: policy %s with %j: %s', async (csrf, headers, outcome) => {
    const decision = await verdictOf(guardOf(csrf), post(headers));
    expect(decision.outcome).toBe(outcome);
    expect(decision.denial?.code).toBe(outcome === 'deny' ? 'csrf-refused' : undefined);
  });

  it.each([
    ['origin-or-token', [], true],
    ['origin-or-token', ['origin', 'https://evil.example'], false],
    ['token', [], true],
    ['token', ['sec-fetch-site', 'cross-site'], false],
  ] as const)('policy %s with %j speaks of the token where one would help: %s', async (csrf, headers, isSaid) => {
    const { denial } = await verdictOf(guardOf(csrf), post(headers));
    expect(denial?.facts.detail?.includes('X-CSRF-Token') ?? false).toBe(isSaid);
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])('lets %s pass: it changes nothing', async (method) => {
    const ctx = context({ principal: principal(), request: request({ method }) });
    expect((await verdictOf(guardOf('token'), ctx)).outcome).toBe('allow');
  });

  it('lets a bearer token pass: no page can make a browser send it', async () => {
    expect((await verdictOf(guardOf('token'), post([], principal({ credential: viaBearer })))).outcome).toBe('allow');
  });

  it.each([
    [['origin', 'https://evil.example'], 'deny'],
    [[], 'deny'],
    [['origin', own], 'allow'],
  ])('AU4: a cookie opens no WebSocket from elsewhere (%j: %s)', async (headers, outcome) => {
    const ctx = context({ principal: principal(), request: request({ upgrade: 'websocket', headers }) });
    expect((await verdictOf(guardOf('origin-or-token'), ctx)).outcome).toBe(outcome);
  });

  it.each([
    [['origin', 'https://evil.example'], 'deny'],
    [['sec-fetch-site', 'cross-site'], 'deny'],
    [['sec-fetch-site', 'same-site'], 'deny'],
    [['sec-fetch-site', 'none'], 'allow'],
    [['sec-fetch-site', 'same-origin'], 'allow'],
    [['origin', own], 'allow'],
    [[], 'allow'],
  ])('SB22: log-in with %j: %s', async (headers, outcome) => {
    const ctx = context({ request: request({ method: 'POST', headers }) });
    expect((await verdictOf(guardOf('origin', true), ctx)).outcome).toBe(outcome);
  });

  it('names the line that would let an origin in, and leaks nothing of what is none', async () => {
    const [named, odd] = await Promise.all(
      ['https://a.example:8443', 'x\n1234'].map((origin) => verdictOf(guardOf('origin'), post(['origin', origin]))),
    );
    expect(named?.findings[0]?.exception).toBe('origins: [https://a.example:8443]');
    expect(odd?.findings[0]?.evidence).toBe('x\\u{a}####');
  });
});

describe('originJudge', () => {
  it.each([
    ['http', '127.0.0.1:8080', 'http://127.0.0.1:8080', true],
    ['http', 'a.example:80', 'http://a.example', true],
    ['https', 'a.example:443', 'https://a.example', true],
    ['https', 'a.example', 'http://a.example', false],
    ['https', 'a.example', 'https://b.example', false],
  ] as const)('without configured origins, %s://%s is asked from %s: %s', (scheme, host, origin, acceptable) => {
    expect(originJudge([], NO_CORS).isAcceptable(origin, request({ scheme, host }))).toBe(acceptable);
  });

  it('T16: with configured origins the Host field decides nothing', () => {
    const judge = originJudge(['https://app.example.com'], NO_CORS);
    expect(judge.isAcceptable('https://evil.example', request({ host: 'evil.example' }))).toBe(false);
  });
});
