import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import { parseConfig } from './parse-config.ts';
import { toGatewayConfig } from './to-gateway-config.ts';

const MINIMAL = [
  'upstreams: { app: { url: "http://127.0.0.1:3000" } }',
  'routes: [ { path: /**, permission: app:read } ]',
];
const PASSWORD = 'S3cr3t-b5c0f3a6d1e74829';
const environment = { DB: `postgres://gate:${PASSWORD}@db.example:5433/steady`, PW: PASSWORD };

function parse(store: string, more = '') {
  const readFile = (path: string) => ({ path, error: 'does not exist' });
  const lines = [...MINIMAL, `store: ${store}`, more].join('\n');
  return parseConfig(lines, '/etc/sg/steadygate.yaml', { environment, readFile });
}

function storeOf(store: string, more = '') {
  const result = parse(store, more);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return toGatewayConfig(result.loaded).store;
}

describe('the store', () => {
  it('is a file of the data directory unless a PostgreSQL is named', () => {
    expect(storeOf('{}')).toEqual({ kind: 'sqlite' });
  });

  it('is on a PostgreSQL with bounds, and never shows its password', () => {
    const store = storeOf('{ kind: postgres, url: "${DB}", caFile: ca.pem, certificateFile: c.pem, keyFile: /k.pem }');
    expect(store).toMatchObject({
      host: 'db.example',
      port: 5433,
      database: 'steady',
      user: 'gate',
      caFile: '/etc/sg/ca.pem',
      certificateFile: '/etc/sg/c.pem',
      keyFile: '/k.pem',
      schema: 'steadygate',
      connectionsMax: 8,
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 10_000,
      idleTransactionTimeoutMs: 3_000,
    });
    expect(store.kind === 'postgres' && store.password?.reveal()).toBe(PASSWORD);
    expect(`${inspect(store, { depth: 9 })}${JSON.stringify(store)}`).not.toContain(PASSWORD);
  });

  it('takes a password of its own', () => {
    const store = storeOf('{ kind: postgres, url: "postgres://gate@db.example/steady", password: "${PW}" }');
    expect(store.kind === 'postgres' && store.password?.reveal()).toBe(PASSWORD);
  });

  const DEVELOPMENT = 'environment: development';
  it.each([
    ['db.example', '', '', 'verify-full'],
    ['db.example', '', DEVELOPMENT, 'verify-full'],
    ['127.0.0.1', '', '', 'verify-full'],
    ['127.0.0.1', '', DEVELOPMENT, 'disable'],
    ['[::1]', '', DEVELOPMENT, 'disable'],
    ['%2Frun%2Fpostgresql', '', '', 'disable'],
    ['db.example', '?sslmode=require', '', 'require'],
    ['db.example', '?sslmode=verify-ca', '', 'verify-ca'],
    ['127.0.0.1', '?sslmode=disable', '', 'disable'],
    ['127.0.0.1', '?sslmode=verify-full', DEVELOPMENT, 'verify-full'],
  ])('WK11: %s%s %s means %s', (host, query, more, sslMode) => {
    expect(storeOf(`{ kind: postgres, url: "postgres://gate@${host}/steady${query}" }`, more)).toMatchObject({
      sslMode,
    });
  });

  it.each([
    ['no address', '{ kind: postgres }', 'store', 'names no `url`'],
    ['an address in a file', '{ url: "${DB}" }', 'store', 'keeps state in a file'],
    ['another protocol', '{ kind: postgres, url: "mysql://gate@h/d" }', 'store.url', 'not a postgres address'],
    ['no database', '{ kind: postgres, url: "postgres://gate@h" }', 'store.url', 'not a postgres address'],
    ['no user', '{ kind: postgres, url: "postgres://h/d" }', 'store.url', 'not a postgres address'],
    ['a broken escape', '{ kind: postgres, url: "postgres://g:%zz@h/d" }', 'store.url', 'not a postgres address'],
    ['another parameter', '{ kind: postgres, url: "postgres://g@h/d?options=x" }', 'store.url', 'other than sslmode'],
    ['an unknown sslmode', '{ kind: postgres, url: "postgres://g@h/d?sslmode=on" }', 'store.url', 'not known'],
    ['WK11: prefer', '{ kind: postgres, url: "postgres://g@h/d?sslmode=prefer" }', 'store.url', 'whoever answers'],
    ['WK11: allow', '{ kind: postgres, url: "postgres://g@h/d?sslmode=allow" }', 'store.url', 'whoever answers'],
    ['two passwords', '{ kind: postgres, url: "${DB}", password: "${PW}" }', 'store', 'two passwords'],
    ['a key alone', '{ kind: postgres, url: "${DB}", keyFile: k.pem }', 'store', 'a certificate and its key'],
    [
      'certificates without TLS',
      '{ kind: postgres, url: "postgres://g@h/d?sslmode=disable", caFile: c }',
      'store',
      'without TLS',
    ],
    ['a system schema', '{ kind: postgres, url: "${DB}", schema: pg_x }', 'store.schema', 'not a name'],
    ['another kind', '{ kind: postgress }', 'store.kind', 'not known'],
  ])('is refused with %s', (_what, store, path, message) => {
    const result = parse(store);
    const found = result.ok ? [] : result.problems;
    expect(found.map((problem) => ({ ...problem }))).toEqual([
      expect.objectContaining({ path, message: expect.stringContaining(message) }),
    ]);
    expect(JSON.stringify(found)).not.toContain(PASSWORD);
  });
});
