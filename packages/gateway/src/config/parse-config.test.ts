import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { formatConfigProblem } from './config-problem.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { ValueSources } from './interpolate.ts';
import { parseConfig } from './parse-config.ts';
import type { LoadedConfig } from './parse-config.ts';

const KEY = 'b5c0f3a6d1e74829'.repeat(4);

function sources(environment: Record<string, string> = {}, files: Record<string, string> = {}): ValueSources {
  return {
    environment,
    readFile: (path) => {
      const text = files[path];
      return text === undefined
        ? { path: `/etc/sg/${path}`, error: 'does not exist' }
        : { path: `/etc/sg/${path}`, text, mode: 0o600 };
    },
  };
}

const MINIMAL = [
  'upstreams: { app: { url: "http://127.0.0.1:3000" } }',
  'routes: [ { path: /**, permission: app:read } ]',
];

function load(lines: readonly string[], from = sources()): LoadedConfig {
  const result = parseConfig(lines.join('\n'), 'steadygate.yaml', from);
  if (!result.ok) throw new Error(result.problems.map((problem) => formatConfigProblem(problem)).join('\n'));
  return result.loaded;
}

function problemsOf(lines: readonly string[], from = sources()): readonly ConfigProblem[] {
  const result = parseConfig(lines.join('\n'), 'steadygate.yaml', from);
  return result.ok ? [] : result.problems;
}

describe('a bad configuration is refused with file, line and hint', () => {
  it.each<{ name: string; line: string; at: string; message: string; hint: string }>([
    {
      name: 'unknown key',
      line: 'listn: 1',
      at: 'listn',
      message: 'is not a known key',
      hint: 'Did you mean `listen`?',
    },
    {
      name: 'unknown inner key',
      line: 'log: { levle: info }',
      at: 'log.levle',
      message: 'is not a known key',
      hint: '`level`',
    },
    {
      name: 'far-off key',
      line: 'log: { zzzzzz: 1 }',
      at: 'log.zzzzzz',
      message: 'is not a known key',
      hint: 'Known here: level.',
    },
    {
      name: 'wrong word',
      line: 'environment: prod',
      at: 'environment',
      message: 'not known',
      hint: 'production, development',
    },
    {
      name: 'mistyped word',
      line: 'environment: develpoment',
      at: 'environment',
      message: 'not known',
      hint: '`development`',
    },
    {
      name: 'wrong type',
      line: 'trustedProxies: 10.0.0.0/8',
      at: 'trustedProxies',
      message: 'is not a list',
      hint: 'docs',
    },
    { name: 'empty block', line: 'sessions:', at: 'sessions', message: 'is empty', hint: 'remove the key' },
    { name: 'duration', line: 'sessions: { idle: 15 }', at: 'sessions.idle', message: 'is not text', hint: 'quotes' },
    {
      name: 'duration unit',
      line: 'sessions: { idle: 2hours }',
      at: 'sessions.idle',
      message: 'is not a duration',
      hint: '15m',
    },
    {
      name: 'SB2: session over 24 hours',
      line: 'sessions: { absolute: 25h }',
      at: 'sessions.absolute',
      message: 'not between',
      hint: '1m to 24h',
    },
    {
      name: 'T19: grace over 10 s',
      line: 'sessions: { refreshGrace: 11s }',
      at: 'sessions.refreshGrace',
      message: 'not between',
      hint: '10s',
    },
    {
      name: 'SB3: short invites',
      line: 'invites: { length: 7 }',
      at: 'invites.length',
      message: 'too small',
      hint: 'At least 8',
    },
    {
      name: 'size',
      line: 'audit: { decisions: { sizeMax: 1MB } }',
      at: 'audit.decisions.sizeMax',
      message: 'is not a size',
      hint: 'MiB',
    },
    {
      name: 'rate',
      line: 'limits: { general: 0/15m }',
      at: 'limits.general',
      message: 'is not a rate',
      hint: '300/15m',
    },
    { name: 'port', line: 'listen: { port: 65536 }', at: 'listen.port', message: 'too large', hint: '65535' },
    { name: 'address', line: 'listen: "8080"', at: 'listen', message: 'is not HOST:PORT', hint: '127.0.0.1:8080' },
    {
      name: 'control on the same address',
      line: 'listen: { control: 127.0.0.1:8080 }',
      at: 'listen.control',
      message: '`listen` itself',
      hint: '8081',
    },
    {
      name: 'range',
      line: 'trustedProxies: [ 10.0.0.0/40 ]',
      at: 'trustedProxies[0]',
      message: 'is not an address',
      hint: '10.0.0.0/8',
    },
    {
      name: 'CORS origin',
      line: 'guards: { cors: { origins: [ "https://a.example/" ] } }',
      at: 'guards.cors.origins[0]',
      message: 'is not an origin',
      hint: 'https://',
    },
    {
      name: 'header injection',
      line: 'guards: { securityHeaders: { permissionsPolicy: "a\\r\\nb" } }',
      at: 'guards.securityHeaders.permissionsPolicy',
      message: 'is not a header value',
      hint: 'camera',
    },
    { name: 'TLS by nobody', line: 'tls: {}', at: 'tls', message: 'who ends TLS', hint: 'terminatedBy' },
    { name: 'half a TLS pair', line: 'tls: { certificateFile: a.pem }', at: 'tls', message: 'only one', hint: 'both' },
    {
      name: 'T15: platform permission',
      line: 'roles: { boss: { permissions: [ "tenant:*" ] } }',
      at: 'roles.boss.permissions[0]',
      message: 'platform',
      hint: 'system',
    },
    {
      name: 'T15: built-in role',
      line: 'roles: { admin: { permissions: [ "*" ] } }',
      at: 'roles.admin',
      message: 'built in',
      hint: 'viewer',
    },
    {
      name: 'SB3: ambiguous prefix',
      line: 'roles: { boss: { permissions: [ "*" ], invitePrefix: SB-ADMIN-X- } }',
      at: 'roles.boss.invitePrefix',
      message: 'cannot be told',
      hint: 'prefix',
    },
    {
      name: 'missing permission',
      line: 'ownership: [ { idPattern: x } ]',
      at: 'ownership[0].resource',
      message: 'is missing',
      hint: 'text',
    },
    {
      name: 'id grammar',
      line: 'ownership: [ { resource: chat, idPattern: "[" } ]',
      at: 'ownership[0].idPattern',
      message: 'regular expression',
      hint: '{36}',
    },
    {
      name: 'ownership of an unknown upstream',
      line: 'ownership: [ { resource: chat, idPattern: x, upstream: ap } ]',
      at: 'ownership[0].upstream',
      message: 'names no upstream',
      hint: '`app`',
    },
    {
      name: 'variable',
      line: 'log: { level: "${LEVEL}" }',
      at: 'log.level',
      message: 'needs the variable LEVEL',
      hint: '${LEVEL:-…}',
    },
    {
      name: 'file',
      line: 'secrets: { scrub: [ "${file:nope}" ] }',
      at: 'secrets.scrub[0]',
      message: 'file that does not exist',
      hint: '/etc/sg/nope',
    },
    {
      name: 'open placeholder',
      line: 'log: { level: "${LEVEL" }',
      at: 'log.level',
      message: 'never closed',
      hint: '$${',
    },
    {
      name: 'no variable name',
      line: 'log: { level: "${a b}" }',
      at: 'log.level',
      message: 'names no variable',
      hint: '${NAME}',
    },
    {
      name: 'prototype',
      line: 'roles: { __proto__: { permissions: [ "*" ] } }',
      at: 'roles.__proto__',
      message: 'not a usable key',
      hint: 'Remove',
    },
    {
      name: 'short scrub value',
      line: 'secrets: { scrub: [ abc ] }',
      at: 'secrets.scrub[0]',
      message: 'short',
      hint: 'At least 8',
    },
  ])('$name', ({ line, at, message, hint }) => {
    const problems = problemsOf([...MINIMAL, '', line]);
    expect(problems).toMatchObject([{ file: 'steadygate.yaml', line: 4, path: at }]);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.hint).toContain(hint);
  });

  it.each([
    ['alerts: []', 'alerts'],
    ['posture: {}', 'posture'],
    ['guards: { prompt: { mode: shadow } }', 'guards.prompt'],
  ])('what is not built yet is refused, not ignored: %s', (line, path) => {
    expect(problemsOf([...MINIMAL, line])).toMatchObject([
      {
        line: 3,
        path,
        message: expect.stringContaining('not in this release'),
        hint: expect.stringContaining('comes with a later release'),
      },
    ]);
  });

  it.each([
    ['permission: app:read, access: keys', 'routes[0].access', 'key'],
    ['permission: app:read, access: key, keyEnvironments: [prod]', 'routes[0].keyEnvironments[0]', 'live'],
    ['permission: app:read, guards: { prompt: { mode: shadow } }', 'routes[0].guards.prompt', 'prompt guard'],
    ['access: session', 'routes[0].permission', 'access: public'],
    ['access: public, permission: app:read', 'routes[0].permission', 'Remove it'],
    ['permission: chats', 'routes[0].permission', 'orders:read'],
    ['permission: { read: app:read }', 'routes[0].permission.write', 'text'],
    ['permission: app:read, limits: of', 'routes[0].limits', 'docs'],
    ['permission: app:read, upstream: appp', 'routes[0].upstream', '`app`'],
    ['permission: app:read, methods: [ get ]', 'routes[0].methods[0]', '`GET`'],
  ])('a route with %s', (rest, path, hint) => {
    const problems = problemsOf([MINIMAL[0] ?? '', 'routes:', `  - { path: /x, ${rest} }`]);
    expect(problems).toMatchObject([{ line: 3, path, hint: expect.stringContaining(hint) }]);
  });

  it('reports all problems at once, in the order of the file', () => {
    const problems = problemsOf([
      'environment: prod',
      'upstreams: { app: { url: x } }',
      'listn: 1',
      'routes: [ {} ]',
      'log: { level: "${NO}" }',
    ]);
    expect(problems.map(({ line, path }) => `${String(line)} ${path}`)).toEqual([
      '1 environment',
      '2 upstreams.app.url',
      '3 listn',
      '4 routes[0].path',
      '4 routes[0].permission',
      '5 log.level',
    ]);
  });

  it.each([
    ['a: "x', 'lacks a character'],
    ['a: [1', 'indented'],
    ['a: 1\na: 2', 'stands in this block already'],
    ['a: !!js/function x', 'has a tag'],
    ['a: !secret x', 'has a tag'],
    ['a: *none', 'alias'],
    ['a: 1\n---\nb: 2', 'second document'],
    ['? [x]\n: 1', 'not text'],
    ['a:\n\t- 1', 'tab'],
  ])('YAML %j', (text, message) => {
    expect(
      problemsOf([text])
        .map((problem) => problem.message)
        .join(),
    ).toContain(message);
  });

  it('locates a problem of the compiled policy, or its nearest parent', () => {
    const { locate } = load([MINIMAL[0] ?? '', 'routes:', '  - path: /**', '    permission: app:read']);
    expect(locate('routes[0].permission')).toEqual({ line: 4, column: 17 });
    expect(locate('routes[0].upstream')).toEqual({ line: 3, column: 5 });
    expect(locate('nowhere[3].at.all')).toEqual({ line: 1, column: 1 });
  });
});

describe('interpolation', () => {
  it('takes variables, defaults, files and escapes, and numbers and flags from text', () => {
    const { config, interpolated } = load(
      [
        'upstreams: { app: { url: "http://${HOST}:${PORT:-3000}", injectHeaders: { x-key: "Bearer ${file:key}" } } }',
        'routes: [ { path: "/a$${b}", permission: app:read, websocket: "${WS}" } ]',
        'listen: { port: "${LISTEN}" }',
      ],
      sources({ HOST: '10.0.0.9', WS: 'true', LISTEN: '9000' }, { key: 'k-1\n\n' }),
    );
    expect(config.upstreams['app']?.url).toBe('http://10.0.0.9:3000');
    expect(config.upstreams['app']?.injectHeaders['x-key']?.reveal()).toBe('Bearer k-1\n');
    expect(config.routes[0]).toMatchObject({ path: '/a${b}', websocket: true });
    expect(config.listen.port).toBe(9000);
    expect(interpolated.get('upstreams.app.injectHeaders.x-key')).toEqual([
      { kind: 'file', name: '/etc/sg/key', mode: 0o600 },
    ]);
  });

  it('never reads again what it filled in', () => {
    const { config } = load(
      [...MINIMAL, 'secrets: { scrub: [ "${A}" ] }'],
      sources({ A: '${B} and ${file:x}', B: 'no' }),
    );
    expect(config.secrets.scrub[0]?.reveal()).toBe('${B} and ${file:x}');
  });

  it.each(['constructor', '__proto__', 'toString'])('knows no variable that a plain object inherits: %s', (name) => {
    expect(problemsOf([...MINIMAL, `log: { level: "\${${name}}" }`])).toMatchObject([{ path: 'log.level' }]);
  });

  it('counts an empty variable as missing, unless it has a default', () => {
    const from = sources({ A: '' });
    expect(problemsOf([...MINIMAL, 'log: { level: "${A}" }'], from)[0]?.message).toContain('empty');
    expect(load([...MINIMAL, 'log: { level: "${A:-warn}" }'], from).config.log.level).toBe('warn');
  });
});

describe('secrets never print', () => {
  const HIDDEN = 'Tz9-hidden-Qw7-value';

  it('in a loaded configuration', () => {
    const loaded = load(
      [...MINIMAL, 'secrets: { keyEncryptionKey: "${file:kek}", scrub: [ "${S}" ] }'],
      sources({ S: HIDDEN }, { kek: KEY }),
    );
    const shown = `${inspect(loaded, { depth: 12, showHidden: true })}${JSON.stringify(loaded)}`;
    expect(shown).not.toContain(HIDDEN);
    expect(shown).not.toContain(KEY);
    expect(loaded.config.secrets.keyEncryptionKey?.reveal()).toBe(KEY);
  });

  it.each([
    'environment: "${S}"',
    'log: { level: "${S}" }',
    'listen: "${S}"',
    'listen: { port: "${S}", hosts: [ "${S} " ], control: "${S}" }',
    'trustedProxies: [ "${S}" ]',
    'sessions: { idle: "${S}", absolute: "${S}" }',
    'limits: { general: "${S}" }',
    'tls: { terminatedBy: "${S}" }',
    'roles: { boss: { permissions: [ "${S}" ], invitePrefix: "${S}" } }',
    'ownership: [ { resource: "${S}", upstream: "${S}", idPattern: "[${S}", creates: { POST /a: "${S}" } } ]',
    'guards: { cors: { origins: [ "${S}" ] }, sensitivePaths: [ "${S}" ] }',
    'secrets: "${S}"',
    'secrets: [ "${S}" ]',
    `environment: "${HIDDEN}`,
    `environment: ${HIDDEN}: x: y`,
    `secrets: { keyEncryptionKey: ${HIDDEN}, keyEncryptionKey: ${HIDDEN} }`,
    `secrets: !${HIDDEN} x`,
    `secrets: { scrub: &a ${HIDDEN} *a ] }`,
  ])('in the problems of %s', (line) => {
    const problems = problemsOf([...MINIMAL, line], sources({ S: HIDDEN }));
    expect(problems.length).toBeGreaterThan(0);
    expect(inspect(problems, { depth: 9 })).not.toContain(HIDDEN);
  });
});

describe('hostile text', () => {
  it('T14: an alias bomb ends at once, as one problem', () => {
    const bomb = [
      'a0: &a0 [x,x,x,x,x,x,x,x,x]',
      ...Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at},`.repeat(9)}]`),
    ];
    const problems = problemsOf(bomb).filter(({ message }) => message.includes('expands'));
    expect(problems).toHaveLength(1);
  });

  it.each([
    ['an alias of itself', 'a: &a [ *a ]'],
    ['an alias of itself, twice', 'a: &a [ *a, *a ]'],
    ['30,000 brackets', '['.repeat(30_000)],
    ['30,000 braces', '{a: '.repeat(15_000)],
    ['deep blocks', Array.from({ length: 200 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['30,000 values', `routes: [${'1,'.repeat(30_000)}]`],
    ['nothing', ''],
    ['a comment', '# x'],
    ['one word', 'x'],
    ['a list', '- 1'],
    ['NUL', '\0\0'],
    [
      "a host that is a block of functions' names",
      'listen: { host: { toString: 1, valueOf: 1 }, control: { host: { toString: 1 } } }',
    ],
    ['half a surrogate', 'a: "\\ud800"'],
  ])('%s is a problem, not a crash', (_name, text) => {
    expect(problemsOf([text]).length).toBeGreaterThan(0);
  });

  it('64 KiB of anything never throws', () => {
    const fragments = fc.constantFrom(
      'routes:',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '\n',
      '  ',
      '&a ',
      '*a',
      '"',
      "'",
      '|\n',
      '!!x ',
      '${',
      '}',
      '${file:',
      '#',
      '?',
      '<<: ',
      'path',
      '%',
      '\t',
      'upstreams: ',
      '\u0000',
      '---\n',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4096 }),
      fc.array(fragments, { maxLength: 400 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 16 }), (part, times) => {
        const result = parseConfig(part.repeat(times).slice(0, 65_536), 'f', sources());
        expect(result.ok || result.problems.length > 0).toBe(true);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
