import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decideOn,
  deniedRoute,
  deps,
  limit,
  NO_CORS,
  ownRoute,
  policy,
  publicRoute,
  route,
  table,
} from '../../test/fixtures.ts';
import { compileGate } from './gate-table.ts';
import type { OwnershipPolicy, Policy, RoutePolicy } from './policy.ts';

function problemsOf(changes: Partial<Policy>, own: readonly RoutePolicy[] = []) {
  const compiled = compileGate(policy(changes), own, deps());
  return compiled.ok ? [] : compiled.problems.map(({ config }) => config);
}

const CHATS: OwnershipPolicy = {
  config: 'ownership[0]',
  upstream: 'app',
  resource: 'chat',
  idPattern: '[0-9]+',
  creates: { 'POST /api/chats': '$.id' },
  guards: ['/api/chats/{id}/**'],
  ids: {},
  lists: {},
  deletes: [],
  events: [],
  messages: [],
  unowned: {},
};

describe('compileGate', () => {
  it.each<[string, readonly RoutePolicy[], string]>([
    ['a broken pattern', [route({ path: '/a/*' })], 'routes[0].path'],
    ['T3: a reserved prefix', [route({ path: '/auth/x' })], 'routes[0].path'],
    ['T3: a reserved prefix in another spelling', [route({ path: '/Control/**' })], 'routes[0].path'],
    ['T3: a reserved prefix as a whole', [deniedRoute('/metrics', 'routes[0]')], 'routes[0].path'],
    ['T3: a reserved prefix of dots', [route({ path: '/.Well-Known/{x}' })], 'routes[0].path'],
    ['SB1: a route without permission', [publicRoute({ access: 'session' })], 'routes[0].permission'],
    ['a permission that nobody would ask', [route({ access: 'public' })], 'routes[0].permission'],
    [
      'a wildcard as permission',
      [route({ permission: { read: '*:read', write: 'a:b' } })],
      'routes[0].permission.read',
    ],
    [
      'a permission that everybody holds',
      [route({ permission: { read: 'self:read', write: 'a:b' } })],
      'routes[0].permission',
    ],
    ['a route that leads nowhere', [ownRoute('/x', { config: 'routes[0]' })], 'routes[0].upstream'],
    ['no method', [route({ methods: [] })], 'routes[0].methods'],
    ['T9: a method that is never forwarded', [route({ methods: ['GET', 'TRACE'] })], 'routes[0].methods'],
    ['the same path twice', [route(), route({ config: 'routes[1]' })], 'routes[1].path'],
    [
      'the same path under another name',
      [
        route({ path: '/a/{x}', methods: ['GET'] }),
        route({ config: 'routes[1]', path: '/a/{y}', methods: ['GET', 'POST'] }),
      ],
      'routes[1].path',
    ],
    [
      'T9: another spelling of a denied path',
      [deniedRoute('/internal/**'), route({ path: '/Internal/x' })],
      'routes[0].path',
    ],
    [
      'a limit per tenant where nobody is known',
      [publicRoute({ limits: [limit('tenant', 1, { config: 'routes[0].limits[0]' })] })],
      'routes[0].limits[0]',
    ],
    [
      'WK8: a wildcard origin of one route',
      [route({ cors: { ...NO_CORS, origins: ['*'] } })],
      'routes[0].cors.origins[0]',
    ],
  ])('refuses %s', (_, routes, config) => {
    expect(problemsOf({ routes })).toEqual([config]);
  });

  it.each<[string, Partial<Policy>, string]>([
    [
      'an allow list',
      { screen: { allowAddresses: ['10.1.2.3/8'], denyAddresses: [], sensitivePaths: [] } },
      'screen.allowAddresses[0]',
    ],
    [
      'a deny list',
      { screen: { allowAddresses: [], denyAddresses: ['::1', 'x'], sensitivePaths: [] } },
      'screen.denyAddresses[1]',
    ],
    ['WK8: CORS', { cors: { ...NO_CORS, origins: ['https://a.example', 'null'] } }, 'cors.origins[1]'],
    ['own origins', { origins: ['https://app.example.com/'] }, 'origins[0]'],
  ])('refuses mistakes in %s', (_, changes, config) => {
    expect(problemsOf(changes)).toEqual([config]);
  });

  it('refuses what ownership refuses', () => {
    expect(problemsOf({ ownership: [{ ...CHATS, idPattern: '(' }] })).not.toEqual([]);
  });

  it('refuses own routes that are broken or outside the reserved prefixes; they may do without a permission', () => {
    expect(problemsOf({}, [ownRoute('/auth/*')])).toEqual(['own /auth/*.path']);
    expect(problemsOf({}, [ownRoute('/login')])).toEqual(['own /login.path']);
    expect(problemsOf({}, [ownRoute('/auth/session', { access: 'session', csrf: 'token' })])).toEqual([]);
  });

  it('takes a path twice where the methods differ', () => {
    const routes = [route({ methods: ['GET'] }), route({ config: 'routes[1]', methods: ['POST'] })];
    const gate = table({ routes });
    expect(gate.match('GET', '/api/x')?.route.policy.config).toBe('routes[0]');
    expect(gate.match('POST', '/api/x')?.route.policy.config).toBe('routes[1]');
  });
});

describe('GateTable.match', () => {
  const gate = table(
    {
      routes: [
        publicRoute({ config: 'open', path: '/**' }),
        route({ config: 'api', path: '/api/**' }),
        deniedRoute('/internal/**', 'internal'),
        route({ config: 'admin', path: '/api/admin', methods: ['GET'] }),
        publicRoute({ config: 'hello', path: '/api/Hello' }),
      ],
    },
    [
      ownRoute('/auth/login'),
      ownRoute('/control/**', { access: 'session', permission: { read: 'key:read', write: 'key:write' } }),
    ],
  );

  it.each([
    ['/', 'open'],
    ['/Some/Thing', 'open'],
    ['/api', 'api'],
    ['/api/Chats', 'api'],
    ['/api/admin', 'admin'],
    ['/api/Hello', 'hello'],
    ['/api/hello', 'api'],
    ['/auth/login', 'own /auth/login'],
    ['/control/v1/keys', 'own /control/**'],
    ['/authentic', 'open'],
  ])('finds the most specific route of %s: %s', (path, config) => {
    expect(gate.match('GET', path)?.route.policy.config).toBe(config);
  });

  it('finds nothing where nothing is served', () => {
    expect(table({ routes: [route()] }).match('GET', '/other')).toBeUndefined();
    expect(table({ routes: [publicRoute({ path: '/api/Open' })] }).match('GET', '/api/open')).toBeUndefined();
  });

  it.each([
    '/AUTH/login',
    '/auth;x=1/login',
    '/auth',
    '/auth/other',
    '/Metrics',
    '/health/x',
    '/console%20',
    '/.WELL-KNOWN/x',
    '/trust./x',
  ])('T3: no configured route serves %s', async (path) => {
    const decision = await decideOn(gate, { path });
    expect(decision?.denial?.code ?? 'not-found').toBe('not-found');
    expect(gate.match('GET', path)?.route.policy.upstream).toBeUndefined();
  });

  it.each([
    '/internal',
    '/internal/',
    '/internal/x',
    '/INTERNAL/x',
    '/Internal',
    '/internal;a=b/x',
    '/internal./x',
    '/internal%20/x',
    '/%2569nternal/x',
    '/internal;',
    '/internal%2E/x',
    '/InTeRnAl/Y',
    '/internal%09',
    '/internal..',
    '/internal%3Ba/x',
    '/%C4%B1nternal/x',
  ])('T9: %s is refused like the denied path itself', async (path) => {
    const decision = await decideOn(gate, { path });
    expect(decision?.denial).toEqual({ guard: 'route-denied', code: 'not-found', facts: {} });
  });

  it.each(['/api/Admin', '/API/admin', '/api/admin/', '/api/admin;v=1', '/api/admin.', '/Api/Chats', '/api;x/chats'])(
    'T9: no broader route serves %s, which a lax server takes for a guarded path',
    async (path) => {
      const decision = await decideOn(gate, { path, method: 'GET' });
      expect(decision?.denial).toEqual({ guard: 'spelling', code: 'not-found', facts: {} });
    },
  );

  it.each([
    '/V/;x/secret',
    '/v/%20/Secret',
    '/V/.../secret/',
    '/V/a%3F/secret',
    '/V/a%5B/secret;b',
    '/V/x%EF%BC%8F/secret',
  ])('T9: no broader route serves %s, in which only some servers drop a segment', async (path) => {
    const versioned = table({
      routes: [route({ path: '/v/{name}/secret' }), publicRoute({ path: '/**', config: 'routes[1]' })],
    });
    const decision = await decideOn(versioned, { path, method: 'GET' });
    expect(decision?.denial).toMatchObject({ code: 'not-found' });
  });

  it('T9: a path that folds to a denied one is never forwarded, whatever its spelling', async () => {
    const spelling = fc.string({
      unit: fc.constantFrom('i', 'I', 'n', 't', 'e', 'r', 'a', 'l', ';', '.', '/', '%20', '%2569'),
      maxLength: 14,
    });
    await fc.assert(
      fc.asyncProperty(spelling, fc.constantFrom('/internal', '/INTERNAL', '/internal;'), async (rest, prefix) => {
        const decision = await decideOn(gate, { path: `${prefix}/${rest}` });
        expect(decision?.outcome).toBe('deny');
      }),
    );
  });

  it('T9: a method that no route of the path lists does not fall through to a broader route', async () => {
    const decision = await decideOn(gate, { path: '/api/admin', method: 'POST' });
    expect(decision?.denial).toMatchObject({ guard: 'method', code: 'method-refused' });
  });

  it('T9: OPTIONS is answered here, before anybody is asked who they are', async () => {
    expect(await decideOn(gate, { path: '/api/admin', method: 'OPTIONS' })).toMatchObject({
      outcome: 'answer',
      status: 204,
      answerHeaders: ['allow', 'GET, OPTIONS'],
    });
    expect((await decideOn(gate, { path: '/internal/x', method: 'OPTIONS' }))?.outcome).toBe('deny');
  });

  it('T6: tells which operation of an isolated upstream is meant', async () => {
    const isolated = table({
      routes: [route(), publicRoute({ config: 'p', path: '/other', upstream: 'free' })],
      ownership: [CHATS],
    });
    expect(isolated.match('GET', '/api/chats/7')?.operation).toMatchObject({ pathIds: [{ objectId: '7' }] });
    expect(isolated.match('GET', '/api/undeclared')?.operation).toBe('undeclared');
    expect(isolated.match('OPTIONS', '/api/undeclared')?.operation).toBeUndefined();
    expect(isolated.match('GET', '/other')?.operation).toBeUndefined();
    const headers = ['authorization', 'Bearer known'];
    expect((await decideOn(isolated, { path: '/api/undeclared', headers }))?.denial?.guard).toBe('ownership');
  });

  it('matches among 1,000 routes as fast as among ten', () => {
    const routes = Array.from({ length: 1_000 }, (_, at) => route({ config: `r${at}`, path: `/api/r${at}/{id}/x` }));
    const large = table({ routes });
    expect(large.match('GET', '/api/r999/7/x')?.route.policy.config).toBe('r999');
    expect(large.match('GET', '/api/r999/7/x')).toBe(large.match('GET', '/api/r999/8/x'));
  });
});

describe('guards of a route', () => {
  const idsOf = (changes: Partial<Policy>, own: readonly RoutePolicy[] = []) =>
    table(changes, own)
      .rows()
      .map(({ guards }) => guards.join(' '));

  it.each<[string, Partial<Policy>, string]>([
    [
      'a session route',
      {},
      'sensitive-path cors block.address method upgrade body-size authenticate block.caller limit.principal permission tenant csrf',
    ],
    [
      'an isolated one with a socket, address lists and limits of its own',
      {
        routes: [route({ websocket: true, limits: [limit('route', 9), limit('address', 5), limit('tenant', 7)] })],
        ownership: [CHATS],
        screen: { allowAddresses: [], denyAddresses: ['192.0.2.0/24'], sensitivePaths: [] },
      },
      'address sensitive-path cors block.address method body-size limit.address authenticate block.caller limit.route limit.tenant permission tenant ownership csrf',
    ],
    [
      'a public route',
      { routes: [publicRoute()] },
      'sensitive-path cors block.address method upgrade body-size limit.address',
    ],
    [
      'a route without limits',
      { routes: [publicRoute({ limits: [] })] },
      'sensitive-path cors block.address method upgrade body-size',
    ],
    ['a denied route', { routes: [deniedRoute('/x')] }, 'sensitive-path route-denied'],
  ])('%s', (_, changes, guards) => {
    expect(idsOf(changes)).toEqual([guards]);
  });

  it('SB22: log-in is public and guards its origin; T3: no route of the gate itself is without its guards', () => {
    const own = [ownRoute('/auth/login'), ownRoute('/auth/session', { access: 'session', csrf: 'token' })];
    expect(idsOf({ routes: [] }, own)).toEqual([
      'sensitive-path cors block.address method upgrade body-size limit.address csrf',
      'sensitive-path cors block.address method upgrade body-size authenticate block.caller limit.principal csrf',
    ]);
  });

  it('SB6: the general limit is one budget for all routes, a route has its own', async () => {
    const limits = { ...policy().limits, general: limit('principal', 2) };
    const routes = [
      route(),
      route({ config: 'routes[1]', path: '/b' }),
      route({ config: 'routes[2]', path: '/c', limits: [limit('principal', 2, { text: '2/15m' })] }),
    ];
    const gate = table({ routes, limits });
    const headers = ['authorization', 'Bearer known'];
    const codes = [];
    for (const path of ['/api/x', '/b', '/api/x', '/b', '/c'])
      codes.push((await decideOn(gate, { path, headers }))?.denial?.code);
    expect(codes).toEqual([undefined, undefined, 'rate-limited', 'rate-limited', undefined]);
  });

  it('tells two limits of one kind apart', async () => {
    const gate = table({
      routes: [publicRoute({ limits: [limit('address', 1), limit('principal', 5, { text: '5/15m' })] })],
    });
    await decideOn(gate, {});
    expect((await decideOn(gate, {}))?.denial?.facts.limit).toEqual({ name: 'address-1/15m', rate: '1/15m' });
  });

  it('T20: cookies without the __Host- prefix count in development only', async () => {
    const headers = ['cookie', 'token=known'];
    expect((await decideOn(table({ environment: 'development' }), { headers }))?.outcome).toBe('allow');
    expect((await decideOn(table({}), { headers }))?.denial?.code).toBe('credential-required');
  });

  it('SB22: a write by cookie needs the token or the site', async () => {
    const cookie = ['cookie', '__Host-token=known'];
    const gate = table({});
    expect((await decideOn(gate, { method: 'POST', headers: cookie }))?.denial?.code).toBe('csrf-refused');
    expect((await decideOn(gate, { method: 'POST', headers: [...cookie, 'x-csrf-token', 'csrf-s1'] }))?.outcome).toBe(
      'allow',
    );
  });
});

describe('GateTable.rows', () => {
  it("shows routes in matching order, the gate's own first", () => {
    const routes = [
      route(),
      deniedRoute('/x'),
      route({ config: 'routes[1]', path: '/api/a', methods: ['GET'], permission: { read: 'a:b', write: 'a:b' } }),
    ];
    const rows = table({ routes, ownership: [CHATS] }, [ownRoute('/health/live')]).rows();
    expect(rows).toMatchObject([
      {
        methods: '*',
        path: '/health/live',
        access: 'public',
        permission: '-',
        upstream: '-',
        config: 'own /health/live',
        ownership: '-',
      },
      {
        methods: 'GET',
        path: '/api/a',
        access: 'session',
        permission: 'a:b',
        upstream: 'app',
        config: 'routes[1]',
        ownership: 'isolated',
      },
      {
        methods: '*',
        path: '/api/**',
        access: 'session',
        permission: 'chats:read / chats:write',
        upstream: 'app',
        config: 'routes[0]',
        ownership: 'isolated',
      },
      { methods: '*', path: '/x', access: 'deny', permission: '-', upstream: '-', config: 'routes[9]', ownership: '-' },
    ]);
  });
});

describe('GateTable.warnings', () => {
  it.each<[string, Partial<Policy>, readonly string[]]>([
    ['nothing to say', {}, []],
    ['a route that never matches', { routes: [route({ path: '/app/.git/**' })] }, ['routes[0].path']],
    ['an upgrade without GET', { routes: [route({ websocket: true, methods: ['POST'] })] }, ['routes[0].websocket']],
    ['a wide public route over objects', { routes: [publicRoute()], ownership: [CHATS] }, ['routes[0].access']],
    [
      'a platform permission',
      { routes: [route({ permission: { read: 'config:read', write: 'a:b' } })] },
      ['routes[0].permission'],
    ],
    [
      'two spellings that differ',
      { routes: [route({ path: '/docs' }), publicRoute({ config: 'routes[1]', path: '/docs/' })] },
      ['routes[0].path'],
    ],
    [
      'two spellings that agree',
      { routes: [route({ path: '/docs' }), route({ config: 'routes[1]', path: '/docs/' })] },
      [],
    ],
  ])('%s', (_, changes, configs) => {
    expect(table(changes).warnings.map(({ config }) => config)).toEqual(configs);
  });
});
