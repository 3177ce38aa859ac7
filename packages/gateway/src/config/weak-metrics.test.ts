import { describe, expect, it } from 'vitest';
import { isLoopbackRange } from './address.ts';
import { parseConfig } from './parse-config.ts';
import { metricsFindings } from './weak-metrics.ts';

function parsed(metrics: string, environment = 'production') {
  const text = `
environment: ${environment}
listen: { metrics: ${metrics} }
upstreams: { app: { url: "http://127.0.0.1:9" } }
routes: [ { path: /**, upstream: app, permission: "app:read" } ]
`;
  const readFile = (path: string) => ({ path, error: 'does not exist' });
  return parseConfig(text, '/etc/sg.yaml', { environment: {}, readFile });
}

function findings(metrics: string, environment?: string): readonly string[] {
  const result = parsed(metrics, environment);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return metricsFindings(result.loaded.config).map(({ severity, code, path }) => `${severity} ${code} ${path}`);
}

describe('T16: the listener of metrics', () => {
  it('is on loopback, for loopback, unless more is said', () => {
    const result = parsed('{}');
    expect(result.ok && result.loaded.config.listen.metrics).toEqual({
      host: '127.0.0.1',
      port: 9464,
      hosts: [],
      from: ['127.0.0.0/8', '::1/128'],
    });
    const short = parsed('"[::1]:9000"');
    expect(short.ok && short.loaded.config.listen.metrics).toMatchObject({ host: '::1', port: 9000 });
  });

  it.each([['0.0.0.0:9464'], ['"{ host: 0.0.0.0 }"'.slice(1, -1)], ['{ host: 10.0.0.5, from: [127.0.0.1] }']])(
    'that others reach does not load until it says who may read it: %s',
    (metrics) => {
      const result = parsed(metrics);
      expect(result.ok).toBe(false);
      expect(JSON.stringify(result)).toMatch(/binds an address that others reach/);
      expect(JSON.stringify(result)).toMatch(/from/);
    },
  );

  it('may be read by those who are listed, and warns of nothing then', () => {
    expect(findings('{ host: 0.0.0.0, from: [10.1.0.0/16] }')).toEqual([]);
    expect(findings('127.0.0.1:9464')).toEqual([]);
  });

  it('T16: for everybody stops production', () => {
    expect(findings('{ host: 0.0.0.0, from: [10.1.0.0/16, 0.0.0.0/0] }')).toEqual([
      'critical metrics-everyone listen.metrics.from[1]',
    ]);
    expect(findings('{ host: "::", from: ["::/0"] }')).toEqual(['critical metrics-everyone listen.metrics.from[0]']);
  });

  it('T16: is on loopback in development', () => {
    expect(findings('127.0.0.1:9464', 'development')).toEqual([]);
    expect(findings('{ host: 0.0.0.0, from: [10.1.0.0/16] }', 'development')).toEqual([
      'critical listener-development-public listen.metrics',
    ]);
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.0.0.0/8', true],
  ['127.0.0.0/7', false],
  ['126.0.0.0/8', false],
  ['10.0.0.1', false],
  ['::1', true],
  ['::1/128', true],
  ['0:0:0:0:0:0:0:1', true],
  ['::1/127', false],
  ['::', false],
  ['2001:db8::1', false],
])('a range that is of this machine alone: %s is %s', (range, expected) => {
  expect(isLoopbackRange(range)).toBe(expected);
});
