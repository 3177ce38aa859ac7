import { describe, expect, it } from 'vitest';

import { configForUpstream } from './defaults.ts';
import { loadConfig } from './load.ts';
import { withListen } from './overrides.ts';
import type { LoadedConfig, LoadResult } from './parse-config.ts';
import { parseConfig } from './parse-config.ts';
import { toGatewayConfig } from './to-gateway-config.ts';
import { toPolicy } from './to-policy.ts';

const EXAMPLE = new URL('../../../../examples/assistant/steadygate.yaml', import.meta.url).pathname;
const VARIABLES = { ASSISTANT_URL: 'http://127.0.0.1:3000', ASSISTANT_VOICE_API_KEY: 'vk-9f3c71ab20de' };

function loaded(result: LoadResult): LoadedConfig {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.loaded;
}

function parse(lines: readonly string[]): LoadedConfig {
  return loaded(
    parseConfig(lines.join('\n'), '/etc/sg/steadygate.yaml', {
      environment: {},
      readFile: (path) => ({ path, error: 'does not exist' }),
    }),
  );
}

const UPSTREAM = 'upstreams: { app: { url: "http://127.0.0.1:3000" } }';

describe('the policy', () => {
  it('of the assistant example isolates chats and knows its roles', () => {
    const policy = toPolicy(loaded(loadConfig(EXAMPLE, VARIABLES)).config);
    expect(policy.environment).toBe('development');
    expect(policy.roles).toMatchObject({ admin: ['*'], viewer: ['*:read'] });
    expect(Object.keys(policy.roles)).toContain('member');
    expect(policy.ownership[0]).toMatchObject({ config: 'ownership[0]', upstream: 'assistant', resource: 'chat' });
    expect(policy.routes.every(({ config }, at) => config === `routes[${String(at)}]`)).toBe(true);
    expect(policy.routes.every(({ deny, permission }) => deny || permission !== undefined)).toBe(true);
  });

  it('of --upstream alone is /** behind a session with app:read and app:write', () => {
    const config = loaded(configForUpstream('http://127.0.0.1:9999'));
    expect(toPolicy(config.config).routes).toMatchObject([
      {
        path: '/**',
        upstream: 'app',
        access: 'session',
        deny: false,
        permission: { read: 'app:read', write: 'app:write' },
      },
    ]);
    expect(toGatewayConfig(config)).toMatchObject({
      environment: 'development',
      upstreams: [{ name: 'app', targets: [{ url: 'http://127.0.0.1:9999', weight: 1 }], isolated: false }],
    });
  });

  it.each(['nonsense', 'ftp://x', 'http://u:p@x', '${HOME}', 'http://${HOME}'])('refuses --upstream %s', (url) => {
    expect(configForUpstream(url).ok).toBe(false);
  });

  it('fills in the only upstream, limits, permissions and defaults', () => {
    const { config } = parse([
      UPSTREAM,
      'routes:',
      '  - { path: /a, permission: a:read }',
      '  - { path: /b, access: public, limits: off, methods: [ GET ], bodyMax: 2KiB }',
      '  - { path: /c, deny: true }',
      '  - { path: /d, permission: d:read, limits: [ { per: route, rate: 10/s } ], cors: { origins: [ "https://x.example" ] } }',
    ]);
    const { routes, limits } = toPolicy(config);
    expect(routes[0]).toMatchObject({
      upstream: 'app',
      permission: { read: 'a:read', write: 'a:read' },
      bodyBytesMax: 1_048_576,
    });
    expect(routes[0]).not.toHaveProperty('limits');
    expect(routes[1]).toMatchObject({ limits: [], methods: ['GET'], bodyBytesMax: 2048 });
    expect(routes[2]).not.toHaveProperty('upstream');
    expect(routes[3]).toMatchObject({
      limits: [{ per: 'route', rate: { amount: 10, perMs: 1000 }, text: '10/s', config: 'routes[3].limits[0]' }],
      cors: { origins: ['https://x.example'], maxAgeSeconds: 600 },
    });
    expect(limits.general).toEqual({
      per: 'principal',
      rate: { amount: 300, perMs: 900_000 },
      text: '300/15m',
      config: 'limits.general',
    });
    expect(limits.credentials).toMatchObject({ per: 'address', text: '10/15m' });
  });

  it('SB8: hands on no wildcard and no null origin', () => {
    const { config } = parse([
      UPSTREAM,
      'routes: []',
      'guards: { cors: { origins: [ "*", "null", "https://a.example" ] } }',
    ]);
    expect(toPolicy(config).cors.origins).toEqual(['https://a.example']);
  });
});

describe('own names', () => {
  it.each([
    ['production', '', { hosts: [], origins: [] }],
    ['production', ', origins: [ "https://a.example" ]', { hosts: ['a.example'], origins: ['https://a.example'] }],
    ['production', ', hosts: [ a.example ]', { hosts: ['a.example'], origins: ['https://a.example'] }],
    ['development', ', hosts: [ "localhost:80" ]', { hosts: ['localhost:80'], origins: ['http://localhost'] }],
    [
      'development',
      '',
      {
        hosts: ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080'],
        origins: ['http://127.0.0.1:8080', 'http://localhost:8080', 'http://[::1]:8080'],
      },
    ],
  ])('T16: in %s with listen {%s}', (environment, more, expected) => {
    const config = parse([`environment: ${environment}`, UPSTREAM, 'routes: []', `listen: { port: 8080${more} }`]);
    expect(toGatewayConfig(config).listen).toMatchObject(expected);
    expect(toPolicy(config.config).origins).toEqual(expected.origins);
  });

  it('follow the bound port', () => {
    const config = withListen(loaded(configForUpstream('http://127.0.0.1:1')), { host: '127.0.0.1', port: 41_234 });
    expect(toPolicy(config.config).origins).toContain('http://127.0.0.1:41234');
  });
});

describe('the rest', () => {
  it('resolves files beside the configuration, in milliseconds and bytes', () => {
    const config = toGatewayConfig(
      parse([
        UPSTREAM,
        'routes: []',
        'tls: { certificateFile: a.pem, keyFile: /k.pem }',
        'listen: { control: 127.0.0.1:9000 }',
      ]),
    );
    expect(config.tls).toEqual({ kind: 'files', certificateFile: '/etc/sg/a.pem', keyFile: '/k.pem' });
    expect(config.control).toMatchObject({ host: '127.0.0.1', port: 9000 });
    expect(config.sessions).toEqual({
      absoluteMs: 86_400_000,
      idleMs: 7_200_000,
      accessTokenLifeMs: 600_000,
      refreshGraceMs: 10_000,
    });
    expect(config.roles['viewer']).toEqual({ permissions: ['*:read'], invitePrefix: 'SB-VIEW-' });
  });

  it('SB18: what is injected on the way up is scrubbed on the way back', () => {
    const config = toGatewayConfig(
      parse([
        'upstreams: { app: { url: "http://x", injectHeaders: { authorization: Bearer provider-key-1, x-tiny: ab } } }',
        'routes: []',
        'secrets: { scrub: [ other-secret ] }',
      ]),
    );
    expect(config.secrets.scrub.map((secret) => secret.reveal())).toEqual(['other-secret', 'provider-key-1']);
  });

  it.each(['host', 'x-steadygate-user', 'x-forwarded-for', 'transfer-encoding', 'connection', 'X-Key', 'cookie'])(
    'T2: never injects %s',
    (field) => {
      expect(() =>
        parse([`upstreams: { app: { url: "http://x", injectHeaders: { ${field}: abc } } }`, 'routes: []']),
      ).toThrow('may be injected');
    },
  );
});
