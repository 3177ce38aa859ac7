import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import { parseConfig } from './parse-config.ts';
import { toGatewayConfig } from './to-gateway-config.ts';

const MINIMAL = [
  'upstreams: { app: { url: "http://127.0.0.1:3000" } }',
  'routes: [ { path: /**, permission: app:read } ]',
];
const environment = {
  REDIS_URL: 'rediss://gate:S3cr3t-b5c0f3a6d1e74829@cache.example:6380/2',
  OTHER: 'https://x.example',
};

function parse(counters: string) {
  const readFile = (path: string) => ({ path, error: 'does not exist' });
  return parseConfig([...MINIMAL, `counters: ${counters}`].join('\n'), '/etc/sg/steadygate.yaml', {
    environment,
    readFile,
  });
}

describe('counters', () => {
  it('are in memory unless a Redis is named', () => {
    const result = parse('{}');
    expect(result.ok && toGatewayConfig(result.loaded).counters).toEqual({ kind: 'memory' });
  });

  it('take a Redis, and never show its password', () => {
    const result = parse('{ kind: redis, url: "${REDIS_URL}", caFile: ca.pem, takeTimeout: 100ms }');
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { counters } = toGatewayConfig(result.loaded);
    expect(counters).toEqual({
      kind: 'redis',
      url: expect.anything(),
      caFile: '/etc/sg/ca.pem',
      prefix: 'steadygate:',
      connectTimeoutMs: 5_000,
      takeTimeoutMs: 100,
    });
    expect(`${inspect(counters, { depth: 9 })}${JSON.stringify(counters)}`).not.toContain('S3cr3t');
  });

  it.each([
    ['no address', '{ kind: redis }', 'counters', 'names no `url`'],
    ['an address in memory', '{ url: "${REDIS_URL}" }', 'counters', 'counts in memory'],
    ['certificates in memory', '{ caFile: ca.pem }', 'counters', 'counts in memory'],
    ['certificates without TLS', '{ kind: redis, url: "redis://h", caFile: ca.pem }', 'counters', 'without TLS'],
    ['another protocol', '{ kind: redis, url: "${OTHER}" }', 'counters.url', 'not a redis(s) address'],
    ['no host', '{ kind: redis, url: "redis:///1" }', 'counters.url', 'not a redis(s) address'],
    [
      'options of the client',
      '{ kind: redis, url: "redis://h?enableOfflineQueue=true" }',
      'counters.url',
      'not a redis',
    ],
    ['a database that is no number', '{ kind: redis, url: "redis://h/main" }', 'counters.url', 'not a redis'],
    ['a password with a broken escape', '{ kind: redis, url: "redis://:%zz@h" }', 'counters.url', 'not a redis'],
    ['a prefix that would close the hash tag', '{ prefix: "a{b}" }', 'counters.prefix', 'not a key prefix'],
    ['another kind', '{ kind: reddis }', 'counters.kind', 'not known'],
  ])('are refused with %s', (_what, counters, path, message) => {
    const result = parse(counters);
    expect(result.ok ? [] : result.problems).toMatchObject([
      { line: 3, path, message: expect.stringContaining(message), hint: expect.stringMatching(/\S/) },
    ]);
    expect(JSON.stringify(result)).not.toContain('S3cr3t');
  });
});
