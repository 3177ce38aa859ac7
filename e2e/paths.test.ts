import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';
import { type Caller, NOBODY, signInMany } from './support/people.ts';
import {
  jsonAnswer,
  plainAnswer,
  type RecordingUpstream,
  startRecordingUpstream,
} from './support/recording-upstream.ts';
import { requestText, sendBytes } from './support/wire.ts';

let open: RecordingUpstream;
let isolated: RecordingUpstream;
let gate: RunningGate;
let owner: Caller = NOBODY;
let stranger: Caller = NOBODY;

beforeAll(async () => {
  open = await startRecordingUpstream();
  isolated = await startRecordingUpstream();
  const permission = { read: 'app:read', write: 'app:write' };
  gate = await startGate({
    config: {
      environment: 'development',
      upstreams: { open: { url: open.url }, isolated: { url: isolated.url } },
      roles: { member: { permissions: ['app:*'] } },
      routes: [
        { path: '/**', upstream: 'open', access: 'public' },
        { path: '/internal/**', upstream: 'open', deny: true },
        { path: '/admin', upstream: 'open', access: 'session', permission: { read: 'boss:read', write: 'boss:write' } },
        { path: '/docs/{id}/**', upstream: 'isolated', access: 'session', permission },
        { path: '/docs', upstream: 'isolated', access: 'session', permission },
      ],
      ownership: [
        {
          resource: 'doc',
          upstream: 'isolated',
          idPattern: '[a-z0-9]{8}',
          creates: { 'POST /docs': '$.id' },
          guards: ['/docs/{id}/**'],
        },
      ],
      limits: { general: '100000/1m', credentials: '100000/1m' },
    },
  });
  [owner = NOBODY, stranger = NOBODY] = await signInMany(gate, 'member', 2);
}, 60_000);
beforeEach(() => {
  open.forget();
  isolated.forget();
  isolated.answerWith(plainAnswer);
});
afterAll(async () => {
  await gate.stop();
  await Promise.all([open.close(), isolated.close()]);
});

const ask = (target: string, method = 'GET', caller = NOBODY) =>
  sendBytes(gate.port, requestText(method, target, [caller.line]));

/** The denied prefix after segments that some server drops, before whatever ends a segment somewhere. */
const PREFIX = /^(?:\.{0,2}(?:;[^/\\]*)?[/\\])*internal(?:[?#\0]|[.\s]*(?:[/\\;]|$))/;

/** What the laxest server could make of a target: nothing that reads so may arrive. */
function readings(target: string): readonly string[] {
  const found = new Set<string>();
  let text = target;
  for (let pass = 0; pass < 4; pass += 1) {
    found.add(text.toLowerCase());
    text = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
  return [...found];
}

const DENIED = [
  '/internal',
  '/internal/',
  '/internal/keys',
  '//internal/keys',
  '///internal/keys',
  '/./internal/keys',
  '/x/../internal/keys',
  '/x/./../internal/keys',
  '/x//../internal/keys',
  '/.//internal/keys',
  '/INTERNAL/keys',
  '/Internal/keys',
  '/inTernal',
  '/%69nternal/keys',
  '/%49NTERNAL/keys',
  '/%2569nternal/keys',
  '/%252569nternal/keys',
  '/%2finternal/keys',
  '/%2Finternal/keys',
  '/x%2f..%2finternal/keys',
  '/x/%2e%2e/internal/keys',
  '/x/%2E%2e/internal/keys',
  '/x/.%2e/internal/keys',
  '/x/%252e%252e/internal/keys',
  '/%2e/internal/keys',
  '/x/..;/internal/keys',
  '/x/..;a=b/internal/keys',
  '/;/internal/keys',
  '/;x=1/internal/keys',
  '/internal;/keys',
  '/internal;x=1/keys',
  '/internal%3bx/keys',
  '/internal%3Bx/keys',
  '/internal%2fkeys',
  '/internal%5ckeys',
  '/internal\\keys',
  '\\internal\\keys',
  '/\\internal/keys',
  '/%5cinternal/keys',
  '/x/..\\internal/keys',
  '/x/..%5cinternal/keys',
  '/internal./keys',
  '/internal.',
  '/internal..',
  '/internal%20',
  '/internal%20/keys',
  '/internal%2e',
  '/internal%09/keys',
  '/internal%0a/keys',
  '/internal%0d%0a/keys',
  '/internal%00',
  '/internal%00.html',
  '/internal%c0%80/keys',
  '/%c0%afinternal/keys',
  '/x/%c0%ae%c0%ae/internal/keys',
  '/%e0%80%afinternal/keys',
  '/%f0%80%80%afinternal/keys',
  '/%u0069nternal/keys',
  '/%ef%bd%89nternal/keys',
  '/%E2%93%98nternal/keys',
  '/%c4%b1nternal/keys',
  '/i%cc%87nternal/keys',
  '/inter%c2%adnal/keys',
  '/inter%e2%80%8bnal/keys',
  '/internal%3f/keys',
  '/internal%23/keys',
  '/x/%ef%bc%8e%ef%bc%8e/internal/keys',
  '/%ef%bc%8finternal/keys',
  '/internal?x',
  '/internal/?x',
  '/internal#x',
  'http://127.0.0.1/internal/keys',
  'internal/keys',
  '*',
  '/internal/../internal/keys',
  '/internal/keys/..',
  '/internal/.',
];

describe('T9: a denied prefix in every spelling', () => {
  test('there are many spellings', () => expect(new Set(DENIED).size).toBeGreaterThan(60));

  test.each(DENIED)('%s never arrives', async (target) => {
    for (const method of ['GET', 'POST', 'HEAD']) {
      const { status } = await ask(target, method);
      expect([400, 404]).toContain(status);
    }
    expect(open.seen).toEqual([]);
  });

  test('what only resembles it is served, in its one spelling', async () => {
    for (const [target, arrived] of [
      ['/internals', '/internals'],
      ['/x/internal', '/x/internal'],
      ['/internal-docs/a', '/internal-docs/a'],
      ['/x/../y', '/y'],
      ['/%7Euser/%41', '/~user/A'],
      ['/caf%c3%a9?q=%2e%2e/internal', '/caf%C3%A9?q=%2e%2e/internal'],
    ] as const) {
      open.forget();
      expect((await ask(target)).status).toBe(200);
      expect(open.seen.map(({ target: seen }) => seen)).toEqual([arrived]);
    }
  });

  test('no random mixture of separators and encodings arrives as the denied prefix', async () => {
    const parts = [
      '/',
      '//',
      '/./',
      '/x/../',
      '%2f',
      '%5c',
      ';',
      ';a=b',
      '.',
      '%2e',
      '%20',
      '%00',
      '%25',
      'internal',
      'INTERNAL',
      '%69nternal',
    ];
    const random = lcg(7);
    for (let run = 0; run < 300; run += 1) {
      const mixed = Array.from({ length: 2 + (run % 5) }, () => parts[random(parts.length)]).join('');
      await ask(`/${mixed}internal/keys`.replace(/^\/\/?/, '/'));
    }
    for (const { target } of open.seen) {
      for (const reading of readings(target)) expect(reading).not.toMatch(PREFIX);
    }
  });
});

/** Repeatable "random" numbers. */
function lcg(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

describe('T9: a guarded path has one spelling', () => {
  const GUARDED = [
    '/ADMIN',
    '/Admin',
    '/admin/',
    '/admin;x',
    '/admin.',
    '/admin%20',
    '/%61dmin',
    '//admin',
    '/./admin',
    '/x/../admin',
    '/%2561dmin',
    '/admin%00',
    '/admin%2f',
    '/admin%3b',
    '/%ef%bd%81dmin',
    '/admin%09',
  ];

  test.each(GUARDED)('%s is not served by the broader public route', async (target) => {
    const { status } = await ask(target);
    expect([400, 401, 404]).toContain(status);
    expect((await ask(target, 'GET', stranger)).status).toBeGreaterThanOrEqual(400);
    expect(open.seen).toEqual([]);
  });

  test.each([
    '/auth/session',
    '/AUTH/session',
    '/auth;x/session',
    '/Control/v1/users',
    '/console;/x',
    '/x/../control/v1/users',
    '/%63ontrol/v1/users',
    '/control%2fv1',
    '/metrics',
    '/METRICS',
    '/metrics/',
    '/trust.json/../trust',
    '/health/live/',
    '/HEALTH/live',
    '/.Well-Known/jwks.json',
    '/.well-known;/jwks.json',
    '/.well-known/acme-challenge/x',
  ])('T3: the reserved %s never reaches an application', async (target) => {
    await ask(target);
    await ask(target, 'POST');
    expect(open.seen).toEqual([]);
  });
});

describe('T9: an id has one spelling', () => {
  async function create(): Promise<string> {
    const id = randomUUID().replaceAll('-', '').slice(0, 8);
    isolated.answerWith(jsonAnswer(201, JSON.stringify({ id })));
    expect((await ask('/docs', 'POST', owner)).status).toBe(201);
    isolated.answerWith(plainAnswer);
    isolated.forget();
    return id;
  }

  const SPELLINGS: readonly ((id: string) => string)[] = [
    (id) => `/docs/${id.toUpperCase()}`,
    (id) => `/docs/${id};x=1`,
    (id) => `/docs/${id};`,
    (id) => `/docs/${id}.`,
    (id) => `/docs/${id}%20`,
    (id) => `/docs/%20${id}`,
    (id) => `/docs/${id}%00`,
    (id) => `/docs/${id}%2f`,
    (id) => `/docs/${id}%5c`,
    (id) => `/docs/${id}%0a`,
    (id) => `/docs/${id}%3f`,
    (id) => `/docs/${id}.json`,
    (id) => `/docs//${id}`,
    (id) => `/docs/./${id}/../${id.toUpperCase()}`,
    (id) => `/docs/x/..;/${id}`,
    (id) => `/docs;x/${id}`,
    (id) => `/DOCS/${id}`,
    (id) => `/docs./${id}`,
    (id) => `/docs%20/${id}`,
    (id) => `/d%6fcs/%25${id.charCodeAt(0).toString(16)}${id.slice(1)}`,
    (id) => `/docs%2f${id}`,
    (id) => `/docs%5c${id}`,
    (id) => `/docs\\${id}`,
    (id) =>
      `/docs/${id.replaceAll(/./g, (char) => encodeURIComponent(String.fromCodePoint(char.charCodeAt(0) + 0xfee0)))}`,
    (id) => `/docs/${id}%e2%80%8b`,
    (id) => `/docs/%c0%ae/${id}`,
  ];

  test.each(SPELLINGS.map((spell) => [spell('abcdef12'), spell] as const))('%s is nobody', async (_text, spell) => {
    const id = await create();
    for (const caller of [owner, stranger]) {
      for (const method of ['GET', 'DELETE']) {
        expect([400, 404]).toContain((await ask(spell(id), method, caller)).status);
      }
    }
    expect(isolated.seen).toEqual([]);
    expect(open.seen).toEqual([]);
  });

  test("encodings of the one spelling are it: the owner's and nobody else's", async () => {
    const id = await create();
    const encoded = `/docs/%${id.charCodeAt(0).toString(16)}${id.slice(1)}`;
    for (const target of [encoded, `/docs/x/../${id}`, `/./docs/${id}`, `/d%6Fcs/${id}`]) {
      isolated.forget();
      expect((await ask(target, 'GET', stranger)).status).toBe(404);
      expect(isolated.seen).toEqual([]);
      expect((await ask(target, 'GET', owner)).status).toBe(200);
      expect(isolated.seen.map(({ target: seen }) => seen)).toEqual([`/docs/${id}`]);
    }
  });

  test("an own id does not carry one to somebody else's", async () => {
    const [theirs, own] = [await create(), await create()];
    for (const target of [
      `/docs/${own}/../${theirs}`,
      `/docs/${own}/%2e%2e/${theirs}`,
      `/docs/${own}/..;/${theirs}`,
      `/docs/${own}%2f..%2f${theirs}`,
      `/docs/${own}/..%5c${theirs}`,
      `/docs/${own}/%252e%252e/${theirs}`,
    ]) {
      isolated.forget();
      const { status } = await ask(target, 'GET', stranger);
      expect([400, 404]).toContain(status);
      expect(isolated.seen).toEqual([]);
    }
  });
});
