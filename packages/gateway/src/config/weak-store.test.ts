import { describe, expect, it } from 'vitest';

import { parseConfig } from './parse-config.ts';
import { auditSettings, refusingFindings } from './weak-settings.ts';

const BASE = [
  'upstreams: { app: { url: "http://127.0.0.1:3000" } }',
  'routes: [ { path: /**, permission: app:read } ]',
  'secrets: { keyEncryptionKey: "${KEK}" }',
];
const KEK = '9f3c71ab20de48b1a6c05d7e83f2946b0d17c8e5f4a3b2916e7d8c0f5a1b3c29';
const PW = 'kJ3v-9qLw-2pXn-7RtB-0aZe';
const environment = { KEK, PW, WEAK: 'changeme' };
const TLS = '?sslmode=verify-full';

function findings(store: string, mode: 'production' | 'development') {
  const listen = mode === 'production' ? 'listen: { origins: [ "https://a.example" ] }' : '';
  const lines = [...BASE, `environment: ${mode}`, listen, `store: { kind: postgres, ${store} }`].join('\n');
  const readFile = (path: string) => ({ path, error: 'does not exist' });
  const result = parseConfig(lines, 'steadygate.yaml', { environment, readFile });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const found = auditSettings(result.loaded, { dataDir: undefined, strayFiles: [], secretFiles: [], environment: {} });
  return found.filter(({ path }) => path.startsWith('store'));
}

describe('the PostgreSQL that keeps state', () => {
  it.each([
    ['WK11: verified TLS and a password', `url: "postgres://g:\${PW}@db.example/d${TLS}"`, []],
    ['WK11: nothing said of TLS means verified', 'url: "postgres://g:${PW}@db.example/d"', []],
    ['a socket needs neither', 'url: "postgres://g@%2Frun%2Fpostgresql/d"', []],
    ['a certificate instead of a password', 'url: "postgres://g@db/d", certificateFile: c, keyFile: k', []],
    ['WK11: no TLS', 'url: "postgres://g:${PW}@db.example/d?sslmode=disable"', ['critical database-without-tls']],
    ['WK11: no TLS here', 'url: "postgres://g:${PW}@127.0.0.1/d?sslmode=disable"', ['critical database-without-tls']],
    ['WK11: TLS with anybody', 'url: "postgres://g:${PW}@db/d?sslmode=require"', ['warning database-unverified']],
    ['WK11: TLS with a known authority', 'url: "postgres://g:${PW}@db/d?sslmode=require", caFile: ca.pem', []],
    ['WK11: any public authority', 'url: "postgres://g:${PW}@db/d?sslmode=verify-ca"', ['warning database-unverified']],
    ['no password', 'url: "postgres://g@db.example/d"', ['critical database-without-auth']],
    ['SS5: a password in the file', `url: "postgres://g:${PW}@db/d"`, ['critical secret-literal']],
    ['SS5: the same beside the address', `url: "postgres://g@db/d", password: ${PW}`, ['critical secret-literal']],
    ['SS5: a default password', 'url: "postgres://g@db/d", password: "${WEAK}"', ['critical secret-weak']],
  ])('%s', (_what, store, expected) => {
    const found = findings(store, 'production');
    expect(found.map(({ severity, code }) => `${severity} ${code}`)).toEqual(expected);
    expect(refusingFindings(found, 'production')).toHaveLength(expected.filter((it) => it.startsWith('crit')).length);
    expect(JSON.stringify(found)).not.toContain(PW);
  });

  it('is not looked at in a trial on one machine', () => {
    expect(findings('url: "postgres://g:x@127.0.0.1/d"', 'development')).toEqual([]);
    expect(findings('url: "postgres://g:x@db.example/d?sslmode=disable"', 'development')).not.toEqual([]);
  });
});
