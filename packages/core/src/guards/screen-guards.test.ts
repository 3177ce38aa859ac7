import { describe, expect, it } from 'vitest';
import {
  context,
  limit,
  memoryBuckets,
  NO_CORS,
  NOW,
  principal,
  remoteBuckets,
  request,
  route,
  verdictOf,
} from '../../test/fixtures.ts';
import { firstHeader } from '../header-list.ts';
import { parseRange } from '../net/address.ts';
import { originJudge } from '../policy/origins.ts';
import type { CanonicalRequest } from '../request.ts';
import { addressGuard } from './address.ts';
import { bodySizeGuard } from './body-size.ts';
import { corsGuard } from './cors.ts';
import { limitGuard } from './limit.ts';
import { methodGuard } from './method.ts';
import { routeDeniedGuard, spellingGuard } from './route-denied.ts';
import { sensitivePathGuard } from './sensitive-path.ts';
import { upgradeGuard } from './upgrade.ts';

const ranges = (texts: readonly string[]) => texts.map(parseRange).filter((range) => range !== undefined);
const asking = (changes: Partial<CanonicalRequest>) => context({ request: request(changes) });

describe('address', () => {
  it.each([
    ['10.1.2.3', [], [], 'allow'],
    ['10.1.2.3', ['10.0.0.0/8'], [], 'allow'],
    ['11.1.2.3', ['10.0.0.0/8'], [], 'deny'],
    ['10.1.2.3', ['10.0.0.0/8'], ['10.1.0.0/16'], 'deny'],
    ['2001:db8::1', [], ['2001:db8::/32'], 'deny'],
    ['2001:db9::1', [], ['2001:db8::/32'], 'allow'],
    ['nonsense', [], ['10.0.0.0/8'], 'deny'],
  ])('WK14: %s with allow %j and deny %j: %s', async (clientAddress, allow, denied, outcome) => {
    const guard = addressGuard({ allow: ranges(allow), deny: ranges(denied) });
    const decision = await verdictOf(guard, asking({ clientAddress }));
    expect(decision.outcome).toBe(outcome);
    expect(decision.denial?.code).toBe(outcome === 'deny' ? 'address-refused' : undefined);
  });
});

describe('sensitive-path', () => {
  const guard = sensitivePathGuard(['/private/**', '*.log', 'Notes']);

  it.each([
    '/.git/config',
    '/app/.git',
    '/.GIT/HEAD',
    '/.env',
    '/.env.backup',
    '/x/.Env.local',
    '/.svn',
    '/.hg/store',
    '/.DS_Store',
    '/.htpasswd',
    '/.htaccess',
    '/db.sql',
    '/a.bak',
    '/a.js~',
    '/a.old',
    '/a.orig',
    '/.a.swp',
    '/a.sqlite',
    '/a.pem',
    '/a.key',
    '/id_rsa',
    '/.aws/credentials',
    '/.ssh/authorized_keys',
    '/wp-config.php',
    '/wp-config.php.bak',
    '/backup.SQL',
    '/.env;x=1',
    '/.git./config',
    '/a%252ebak',
    '/.env%20',
    '/api/.env/',
    '/private',
    '/Private/x',
    '/private;v=1/x',
    '/x/today.log',
    '/notes',
  ])('SB14: refuses %s', async (path) => {
    const decision = await verdictOf(guard, asking({ path }));
    expect(decision.denial).toMatchObject({ guard: 'sensitive-path', code: 'path-refused' });
    expect(decision.findings[0]?.field).toBe('path');
  });

  it.each([
    '/',
    '/.well-known/acme',
    '/api/environment',
    '/keys/1',
    '/git/x',
    '/a.bakery',
    '/privately',
    '/sql',
    '/x.logs',
    '/notes1',
  ])('lets %s pass', async (path) => {
    expect((await verdictOf(guard, asking({ path }))).outcome).toBe('allow');
  });

  it('names the line of a configured path', async () => {
    const decision = await verdictOf(guard, asking({ path: '/x/a.log' }));
    expect(decision.findings[0]?.config).toBe('screen.sensitivePaths[1]');
  });

  it('judges a hostile path of 8,000 characters without backtracking', async () => {
    const path = `/${'.bak'.repeat(2_000)}x`;
    expect((await verdictOf(guard, asking({ path }))).outcome).toBe('allow');
  });
});

describe('route-denied', () => {
  it('T9: answers like a path that does not exist, in both spellings', async () => {
    const denied = route({ deny: true });
    const exact = await verdictOf(routeDeniedGuard(denied), context());
    const other = await verdictOf(spellingGuard(denied), context());
    expect([exact.denial?.code, other.denial?.code]).toEqual(['not-found', 'not-found']);
    expect([exact.findings[0]?.config, other.findings[0]?.config]).toEqual(['routes[0].deny', 'routes[0].path']);
  });
});

describe('method', () => {
  const guard = methodGuard(route({ methods: ['GET'] }), ['GET', 'POST']);

  it('passes what is listed', async () => {
    expect((await verdictOf(guard, asking({ method: 'GET' }))).outcome).toBe('allow');
  });

  it('T9: refuses an unlisted method and names those that some route of the path takes', async () => {
    const decision = await verdictOf(guard, asking({ method: 'DELETE' }));
    expect(decision.denial?.code).toBe('method-refused');
    expect(firstHeader(decision.answerHeaders, 'allow')).toBe('GET, POST, OPTIONS');
    expect(decision.findings[0]?.exception).toBe('routes[0].methods: [GET, DELETE]');
  });

  it('T9: no exception lets TRACE or CONNECT through', async () => {
    const decision = await verdictOf(methodGuard(route(), ['GET']), asking({ method: 'TRACE' }));
    expect(decision.denial?.code).toBe('method-refused');
    expect(decision.findings[0]?.exception).toBeUndefined();
  });
});

describe('upgrade', () => {
  it('SB11: refuses a WebSocket where the route opens none', async () => {
    const decision = await verdictOf(upgradeGuard(route()), asking({ upgrade: 'websocket' }));
    expect(decision.denial?.code).toBe('not-found');
    expect(decision.findings[0]?.exception).toBe('routes[0].websocket: true');
    expect((await verdictOf(upgradeGuard(route()), context())).outcome).toBe('allow');
  });
});

describe('body-size', () => {
  it.each([
    [0, 'allow'],
    [1_048_576, 'allow'],
    [undefined, 'allow'],
    [1_048_577, 'deny'],
  ])('WK13: a declared length of %s: %s', async (bodyBytes, outcome) => {
    const decision = await verdictOf(bodySizeGuard(route()), asking({ bodyBytes }));
    expect(decision.outcome).toBe(outcome);
    expect(decision.denial?.code).toBe(outcome === 'deny' ? 'body-too-large' : undefined);
  });
});

describe('cors', () => {
  const listed = 'https://ui.example.org';
  const cors = { ...NO_CORS, origins: [listed], credentials: true, allowHeaders: ['x-a'], exposeHeaders: ['x-b'] };
  const open = corsGuard({ cors, origins: originJudge(['https://app.example.com'], cors), methods: ['GET', 'POST'] });
  const closed = corsGuard({ cors: NO_CORS, origins: originJudge([], NO_CORS), methods: ['GET'] });
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: ['origin', origin, 'access-control-request-method', 'POST'],
  });

  it('SB8: lets the listed origin read, and says that answers differ by origin', async () => {
    const { answerHeaders, outcome } = await verdictOf(open, asking({ headers: ['origin', listed] }));
    expect(outcome).toBe('allow');
    expect(firstHeader(answerHeaders, 'access-control-allow-origin')).toBe(listed);
    expect(firstHeader(answerHeaders, 'access-control-allow-credentials')).toBe('true');
    expect(firstHeader(answerHeaders, 'access-control-expose-headers')).toBe('x-b');
    expect(firstHeader(answerHeaders, 'vary')).toBe('Origin');
  });

  it.each([
    'https://evil.example',
    'https://ui.example.org.evil.example',
    'HTTPS://ui.example.org',
    'null',
    '*',
    'https://ui.example.org:444',
  ])('SB8: gives %s nothing to read with', async (origin) => {
    const simple = await verdictOf(open, asking({ headers: ['origin', origin] }));
    expect(simple.outcome).toBe('allow');
    expect(simple.answerHeaders).toEqual(['vary', 'Origin']);
    const asked = await verdictOf(open, asking(preflight(origin)));
    expect(asked.answerHeaders.filter((text) => text.startsWith('access-control'))).toEqual([]);
  });

  it('SB8: answers the preflight of a listed origin itself', async () => {
    const decision = await verdictOf(open, asking(preflight(listed)));
    expect(decision).toMatchObject({ outcome: 'answer', status: 204 });
    expect(firstHeader(decision.answerHeaders, 'access-control-allow-methods')).toBe('GET, POST');
    expect(firstHeader(decision.answerHeaders, 'access-control-allow-headers')).toBe('x-a');
    expect(firstHeader(decision.answerHeaders, 'access-control-max-age')).toBe('600');
  });

  it('T9: OPTIONS ends here', async () => {
    const decision = await verdictOf(closed, asking({ method: 'OPTIONS' }));
    expect(decision).toMatchObject({ outcome: 'answer', status: 204, answerHeaders: ['allow', 'GET, OPTIONS'] });
  });

  it('WK8: with nothing configured no origin is let in, and nothing is added', async () => {
    const decision = await verdictOf(closed, asking({ headers: ['origin', 'https://evil.example'] }));
    expect(decision).toMatchObject({ outcome: 'allow', answerHeaders: [] });
    expect((await verdictOf(closed, context())).answerHeaders).toEqual([]);
  });

  it('adds no credentials and no lists that are not configured', async () => {
    const bare = { ...NO_CORS, origins: [listed] };
    const guard = corsGuard({ cors: bare, origins: originJudge([], bare), methods: ['GET'] });
    const decision = await verdictOf(guard, asking(preflight(listed)));
    expect(firstHeader(decision.answerHeaders, 'access-control-allow-credentials')).toBeUndefined();
    expect(firstHeader(decision.answerHeaders, 'access-control-allow-headers')).toBeUndefined();
  });

  it.each([
    ['https://evil.example', 'deny'],
    [listed, 'allow'],
    ['https://app.example.com', 'allow'],
  ])('SB11: a WebSocket upgrade of a page on %s: %s', async (origin, outcome) => {
    const decision = await verdictOf(open, asking({ upgrade: 'websocket', headers: ['origin', origin] }));
    expect(decision.outcome).toBe(outcome);
    expect(decision.denial?.code).toBe(outcome === 'deny' ? 'origin-refused' : undefined);
  });

  it('SB11: an upgrade that names no origin is no page', async () => {
    expect((await verdictOf(open, asking({ upgrade: 'websocket' }))).outcome).toBe('allow');
  });
});

describe('limit', () => {
  const guardOf = (per: 'address' | 'principal' | 'tenant' | 'route', buckets = memoryBuckets(), isLast = true) =>
    limitGuard({ limit: limit(per, 2), scope: '/api/**', name: per, buckets, isLast });

  it.each(['address', 'principal', 'tenant', 'route'] as const)(
    'SB6: the third of 2/15m per %s is refused',
    async (per) => {
      const guard = guardOf(per);
      const ctx = context({ principal: principal() });
      expect((await verdictOf(guard, ctx)).outcome).toBe('allow');
      expect((await verdictOf(guard, ctx)).outcome).toBe('allow');
      const refused = await verdictOf(guard, ctx);
      expect(refused.denial).toMatchObject({
        code: 'rate-limited',
        facts: { retryAfterSeconds: 450, limit: { name: per, rate: '2/15m' } },
      });
      expect(firstHeader(refused.answerHeaders, 'ratelimit')).toBe(`"${per}";r=0;t=900`);
      expect((await verdictOf(guard, { ...ctx, nowMs: NOW + 450_000 })).outcome).toBe('allow');
    },
  );

  it('SB6: says what is left', async () => {
    const { answerHeaders } = await verdictOf(guardOf('principal'), context({ principal: principal() }));
    expect(answerHeaders).toEqual([
      'ratelimit-policy',
      '"principal";q=2;w=900',
      'ratelimit',
      '"principal";r=1;t=450',
      'x-ratelimit-limit',
      '2',
      'x-ratelimit-remaining',
      '1',
      'x-ratelimit-reset',
      '450',
    ]);
  });

  it('leaves X-RateLimit to the last limit of a route', async () => {
    const { answerHeaders } = await verdictOf(guardOf('route', memoryBuckets(), false), context());
    expect(firstHeader(answerHeaders, 'ratelimit')).toBe('"route";r=1;t=450');
    expect(firstHeader(answerHeaders, 'x-ratelimit-limit')).toBeUndefined();
  });

  it('counts principals of two tenants, two users and two addresses apart', async () => {
    const buckets = memoryBuckets();
    const people = [principal(), principal({ tenantId: 'other' }), principal({ userId: 'u2' }), undefined];
    for (const who of people) await verdictOf(guardOf('principal', buckets), context({ principal: who }));
    await verdictOf(guardOf('tenant', buckets), context());
    expect(new Set(buckets.keys()).size).toBe(5);
  });

  it('SB6: counts an IPv6 caller by its /64', async () => {
    const buckets = memoryBuckets();
    for (const clientAddress of ['2001:db8::1', '2001:db8::2', '2001:db8:0:1::1', 'not:an:address']) {
      await verdictOf(guardOf('address', buckets), asking({ clientAddress }));
    }
    expect(buckets.keys()).toHaveLength(3);
  });

  it('works the same over a remote store, and fails closed when that is lost', async () => {
    const remote = limitGuard({
      limit: limit('route', 1),
      scope: 's',
      name: 'route',
      buckets: remoteBuckets(),
      isLast: true,
    });
    expect((await verdictOf(remote, context())).outcome).toBe('allow');
    expect((await verdictOf(remote, context())).denial?.code).toBe('rate-limited');
    const lost = { take: () => Promise.reject(new Error('lost')), giveBack: () => undefined };
    const guard = limitGuard({ limit: limit('route', 1), scope: 's', name: 'route', buckets: lost, isLast: true });
    expect((await verdictOf(guard, context())).denial?.code).toBe('unavailable');
  });
});
