import { describe, expect, it } from 'vitest';

import { parseConfig } from './parse-config.ts';
import type { LoadedConfig } from './parse-config.ts';
import type { SettingFacts } from './weak-finding.ts';
import { entropyBits, secretWeakness } from './weak-secrets.ts';
import { auditSettings, refusingFindings } from './weak-settings.ts';

const RANDOM_KEY = '9f3c71ab20de48b1a6c05d7e83f2946b0d17c8e5f4a3b2916e7d8c0f5a1b3c29';
const FACTS: SettingFacts = { dataDir: '/var/lib/sg', strayFiles: [], secretFiles: [], environment: {} };
const UPSTREAMS = 'upstreams: { app: { url: "http://127.0.0.1:3000" } }';
const ROUTES = 'routes: [ { path: /**, permission: app:read } ]';
const KEK = 'secrets: { keyEncryptionKey: "${file:/etc/sg/kek}" }';
const SOUND = [UPSTREAMS, ROUTES, KEK, 'listen: { origins: [ "https://a.example" ] }'];

function load(lines: readonly string[], environment: Record<string, string> = {}, mode = 0o600): LoadedConfig {
  const readFile = (path: string) => ({ path, text: RANDOM_KEY, mode });
  const result = parseConfig(lines.join('\n'), 'steadygate.yaml', { environment, readFile });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.loaded;
}

function codes(lines: readonly string[], facts: Partial<SettingFacts> = {}, mode = 0o600): readonly string[] {
  const found = auditSettings(load(lines, { S: 'changeme', LONG: RANDOM_KEY }, mode), { ...FACTS, ...facts });
  return found.map(({ severity, code, path }) => `${severity} ${code} ${path}`);
}

describe('weak settings', () => {
  it('finds nothing in a sound production configuration', () => {
    expect(codes(SOUND)).toEqual([]);
  });

  it.each<{ name: string; lines: readonly string[]; expected: string }>([
    {
      name: 'WK8: CORS for all',
      lines: [...SOUND, 'guards: { cors: { origins: [ "*" ] } }'],
      expected: 'critical cors-open guards.cors.origins[0]',
    },
    {
      name: 'SB8: CORS for null',
      lines: [...SOUND, 'guards: { cors: { origins: [ "null" ] } }'],
      expected: 'critical cors-open guards.cors.origins[0]',
    },
    {
      name: 'SB8: CORS for all on one route',
      lines: [UPSTREAMS, KEK, 'routes: [ { path: /x, permission: a:b, cors: { origins: [ "*" ] } } ]'],
      expected: 'critical cors-open routes[0].cors.origins[0]',
    },
    {
      name: 'WK9: no key',
      lines: [UPSTREAMS, ROUTES],
      expected: 'critical key-encryption-key-missing secrets.keyEncryptionKey',
    },
    {
      name: 'T17: key beside the data',
      lines: [UPSTREAMS, ROUTES, 'secrets: { keyEncryptionKey: "${file:/var/lib/sg/kek}" }'],
      expected: 'critical key-encryption-key-inside-data secrets.keyEncryptionKey',
    },
    {
      name: 'T1: the console on the application’s origin',
      lines: [
        ...SOUND.slice(0, 3),
        'listen: { origins: [ "https://a.example" ], control: { port: 8444, hosts: [ "a.example" ] } }',
      ],
      expected: 'critical control-origin-shared listen.control',
    },
    {
      name: 'T1: the console on the application’s host',
      lines: [
        ...SOUND.slice(0, 3),
        'listen: { origins: [ "https://a.example" ], control: { port: 8444, origins: [ "https://a.example:8444" ] } }',
      ],
      expected: 'warning control-host-shared listen.control',
    },
    {
      name: 'SB16: literal secret',
      lines: [UPSTREAMS, ROUTES, `secrets: { keyEncryptionKey: "${RANDOM_KEY}" }`],
      expected: 'critical secret-literal secrets.keyEncryptionKey',
    },
    {
      name: 'SS5: default secret',
      lines: [UPSTREAMS, ROUTES, 'secrets: { scrub: [ "${S}" ] }'],
      expected: 'critical secret-weak secrets.scrub[0]',
    },
    {
      name: 'SS5: default injected secret',
      lines: ['upstreams: { app: { url: "http://x", injectHeaders: { x-key: "${S}" } } }', ROUTES, KEK],
      expected: 'critical secret-weak upstreams.app.injectHeaders.x-key',
    },
    {
      name: 'WK6: plain HTTP',
      lines: [UPSTREAMS, ROUTES, KEK, 'listen: 0.0.0.0:80'],
      expected: 'critical listener-plain-http listen.host',
    },
    {
      name: 'WK6: plain HTTP of the control plane',
      lines: [UPSTREAMS, ROUTES, KEK, 'listen: { control: 0.0.0.0:81 }'],
      expected: 'critical listener-plain-http listen.control.host',
    },
    {
      name: 'everybody a proxy',
      lines: [...SOUND, 'trustedProxies: [ 0.0.0.0/0 ]'],
      expected: 'critical proxies-everyone trustedProxies[0]',
    },
    {
      name: 'everybody a proxy (IPv6)',
      lines: [...SOUND, 'trustedProxies: [ "::/0" ]'],
      expected: 'critical proxies-everyone trustedProxies[0]',
    },
    {
      name: 'proxy not trusted',
      lines: [...SOUND, 'tls: { terminatedBy: nginx }'],
      expected: 'warning proxy-untrusted tls.terminatedBy',
    },
    { name: 'any host', lines: [UPSTREAMS, ROUTES, KEK], expected: 'warning hosts-open listen' },
    {
      name: 'all public',
      lines: [UPSTREAMS, KEK, 'routes: [ { path: /**, access: public } ]'],
      expected: 'warning route-public-all routes[0].access',
    },
    {
      name: 'plain text to far away',
      lines: ['upstreams: { app: { url: "http://api.example.com" } }', ROUTES, KEK],
      expected: 'warning upstream-plain-http upstreams.app.url',
    },
    {
      name: 'public development',
      lines: ['environment: development', UPSTREAMS, ROUTES, 'listen: 0.0.0.0:80'],
      expected: 'critical listener-development-public listen.host',
    },
  ])('$name', ({ lines, expected }) => {
    expect(codes(lines)).toContain(expected);
  });

  it('WK6: a declared terminator allows a public listener', () => {
    const lines = [
      UPSTREAMS,
      ROUTES,
      KEK,
      'listen: { host: 0.0.0.0, hosts: [ a.example ] }',
      'tls: { terminatedBy: caddy }',
      'trustedProxies: [ 10.0.0.2 ]',
    ];
    expect(codes(lines)).toEqual([]);
  });

  it.each([0o640, 0o604, 0o620, 0o644, 0o666])('SB15: a secret file of mode %o is critical', (mode) => {
    expect(codes(SOUND, {}, mode)).toEqual(['critical secret-file-readable /etc/sg/kek']);
  });

  it('SB15: a key file of TLS counts as well', () => {
    expect(codes(SOUND, { secretFiles: [{ path: '/k.pem', mode: 0o644 }] })).toEqual([
      'critical secret-file-readable /k.pem',
    ]);
  });

  it('SB16: stray files are reported', () => {
    expect(codes(SOUND, { strayFiles: ['/etc/sg/.env.backup'] })).toEqual([
      'warning stray-secret-file /etc/sg/.env.backup',
    ]);
  });

  it.each([
    ['postgres://u:p@db.example/x', 'database-without-tls'],
    ['postgresql://u:p@db.example/x?sslmode=require', 'database-without-tls'],
    ['redis://cache.example:6379', 'redis-without-auth'],
    ['rediss://cache.example:6379', 'redis-without-auth'],
  ])('WK11, SS5: %s in a variable', (url, code) => {
    expect(codes(SOUND, { environment: { APP_URL: url } })).toEqual([`warning ${code} APP_URL`]);
  });

  it.each([
    'postgres://u:p@db.example/x?sslmode=verify-full',
    'postgres://localhost/x',
    'redis://:pw@cache',
    'no url',
    'https://x',
  ])('lets %s in a variable be', (url) => {
    expect(codes(SOUND, { environment: { APP_URL: url } })).toEqual([]);
  });

  it('WK9: production refuses every critical finding, development only a public bind', () => {
    const production = auditSettings(load([UPSTREAMS, ROUTES, 'trustedProxies: [ 0.0.0.0/0 ]']), FACTS);
    expect(refusingFindings(production, 'production').map(({ code }) => code)).toEqual([
      'proxies-everyone',
      'key-encryption-key-missing',
    ]);
    expect(refusingFindings(production, 'development')).toEqual([]);
    const development = auditSettings(
      load(['environment: development', UPSTREAMS, ROUTES, 'listen: "[::]:80"']),
      FACTS,
    );
    expect(refusingFindings(development, 'development').map(({ code }) => code)).toEqual([
      'listener-development-public',
    ]);
  });

  it('never says what a secret is', () => {
    const findings = auditSettings(load([UPSTREAMS, ROUTES, 'secrets: { scrub: [ literal-secret-1 ] }']), FACTS);
    expect(JSON.stringify(findings)).not.toContain('literal-secret-1');
  });
});

describe('weak secrets', () => {
  it.each([
    'changeme',
    'please_change_in_production',
    'CHANGE-ME-0123456789abcdef',
    'secret',
    'password123!!',
    'your-api-key-goes-here-0000',
    'dev-secret-key-1234567890',
    'SB-ADMIN-CHANGEME',
    'SB-ADMIN-00000000',
    'SB-VIEW-12345678',
    'short',
    'k7Qp2-xV9w1',
    'aaaaaaaaaaaaaaaaaaaaaaaa',
    'abcdefghijklmnopqrstuvwxyz',
    '12345678901234567890',
    'abababababababababababab',
    '0'.repeat(64),
  ])('SS5: %s', (value) => {
    expect(secretWeakness(value)).toBeDefined();
  });

  it.each([RANDOM_KEY, 'vN3xQ8rT1kLz7WcYb2Hd', 'sk-proj-8Fk2mQx9TzR4vLw7Np3B', 'n5s8dq2vxk7c1jz9'])(
    'accepts %s',
    (value) => {
      expect(secretWeakness(value)).toBeUndefined();
    },
  );

  it('finds no entropy in nothing', () => {
    expect(entropyBits('')).toBe(0);
  });
});
