import { describe, expect, it } from 'vitest';

import { parseConfig } from './parse-config.ts';
import { auditSettings, refusingFindings } from './weak-settings.ts';

const BASE = [
  'upstreams: { app: { url: "http://127.0.0.1:3000" } }',
  'routes: [ { path: /**, permission: app:read } ]',
  'secrets: { keyEncryptionKey: "${KEK}" }',
  'listen: { origins: [ "https://a.example" ] }',
];
const KEK = '9f3c71ab20de48b1a6c05d7e83f2946b0d17c8e5f4a3b2916e7d8c0f5a1b3c29';
const PW = 'kJ3v-9qLw-2pXn-7RtB-0aZe';

function findings(url: string, environment: Readonly<Record<string, string>>) {
  const lines = [...BASE, `counters: { kind: redis, url: "${url}" }`].join('\n');
  const readFile = (path: string) => ({ path, error: 'does not exist' });
  const result = parseConfig(lines, 'steadygate.yaml', { environment: { KEK, PW, ...environment }, readFile });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return auditSettings(result.loaded, { dataDir: undefined, strayFiles: [], secretFiles: [], environment: {} });
}

describe('SS5: the Redis that counts', () => {
  it.each([
    ['TLS and a password', 'rediss://gate:${PW}@cache.example', []],
    ['a password on this machine', 'redis://:${PW}@127.0.0.1', []],
    ['a password on this machine, IPv6', 'redis://:${PW}@[::1]:6379', []],
    ['no password on this machine', 'redis://localhost:6379', ['warning redis-without-auth']],
    ['no password elsewhere', 'rediss://cache.example', ['critical redis-without-auth']],
    ['no TLS elsewhere', 'redis://:${PW}@10.0.0.7', ['critical redis-without-tls']],
    ['neither', 'redis://cache', ['critical redis-without-auth', 'critical redis-without-tls']],
    ['a password in the file', `rediss://:${PW}@cache.example`, ['critical secret-literal']],
    ['a default password', 'rediss://:${WEAK}@cache.example', ['critical secret-weak']],
  ])('%s', (_what, url, expected) => {
    const found = findings(url, { WEAK: 'changeme' });
    expect(found.map(({ severity, code }) => `${severity} ${code}`)).toEqual(expected);
    expect(found.every(({ path }) => path === 'counters.url')).toBe(true);
    expect(refusingFindings(found, 'production')).toHaveLength(expected.filter((it) => it.startsWith('crit')).length);
    expect(JSON.stringify(found)).not.toContain(PW);
  });
});
