import { describe, expect, it } from 'vitest';

import { parseConfig } from './parse-config.ts';
import { toGatewayConfig } from './to-gateway-config.ts';
import { auditSettings } from './weak-settings.ts';

function parse(upstream: string, environment = 'production') {
  const text = [
    `environment: ${environment}`,
    `upstreams: { app: ${upstream} }`,
    'routes: [ { path: /**, permission: app:read } ]',
  ];
  const readFile = (path: string) => ({ path, error: 'does not exist' });
  return parseConfig(text.join('\n'), '/etc/sg/steadygate.yaml', { environment: {}, readFile });
}

function upstreamOf(text: string) {
  const result = parse(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return toGatewayConfig(result.loaded).upstreams[0];
}

const TWO = 'targets: [ { url: "http://10.0.0.1:3000" }, { url: "http://10.0.0.2:3000", weight: 3 } ]';

describe('an upstream', () => {
  it('with one address is one target, and nothing is done that was not asked for', () => {
    expect(upstreamOf('{ url: "http://127.0.0.1:3000" }')).toMatchObject({
      targets: [{ url: 'http://127.0.0.1:3000', weight: 1 }],
      host: undefined,
      policy: {
        balance: 'roundRobin',
        health: undefined,
        ejection: undefined,
        retry: undefined,
        concurrency: undefined,
        breaker: undefined,
        failureStatuses: [],
      },
    });
  });

  it('with several ejects and retries, unless that is off', () => {
    expect(upstreamOf(`{ ${TWO} }`)).toMatchObject({
      targets: [{ weight: 1 }, { weight: 3 }],
      policy: {
        ejection: { failures: 5, forMs: 10_000, forMsMax: 300_000 },
        retry: { attempts: 1, share: 0.2, reserve: 100 },
        health: undefined,
      },
    });
    expect(upstreamOf(`{ ${TWO}, ejection: off, retry: off }`)?.policy).toMatchObject({
      ejection: undefined,
      retry: undefined,
    });
  });

  it('takes every setting', () => {
    const settings = [
      'host: app.internal',
      'balance: leastConnections',
      'health: { path: /health?deep=1, every: 1s, timeout: 500ms, healthyAfter: 1, unhealthyAfter: 2, status: [200, 204] }',
      'ejection: { failures: 2, for: 10m, forMax: 1m }',
      'retry: { attempts: 2, share: 10, reserve: 5 }',
      'concurrency: { max: 200, queue: 100, wait: 2s }',
      'breaker: { failures: 60, requests: 10, within: 5s, open: 3s, probes: 2 }',
      'failureStatuses: [502, 503, 504]',
    ];
    expect(upstreamOf(`{ ${[TWO, ...settings].join(', ')} }`)).toMatchObject({
      host: 'app.internal',
      policy: {
        balance: 'leastConnections',
        health: {
          path: '/health?deep=1',
          everyMs: 1_000,
          timeoutMs: 500,
          healthyAfter: 1,
          unhealthyAfter: 2,
          statuses: [200, 204],
        },
        ejection: { failures: 2, forMs: 600_000, forMsMax: 600_000 },
        retry: { attempts: 2, share: 0.1, reserve: 5 },
        concurrency: { max: 200, queueMax: 100, waitMs: 2_000 },
        breaker: { failurePercent: 60, requestsMin: 10, withinMs: 5_000, openMs: 3_000, probes: 2 },
        failureStatuses: [502, 503, 504],
      },
    });
  });

  it.each([
    ['no address', '{ host: app.internal }', 'upstreams.app', 'needs one of'],
    ['two ways of saying where', `{ url: "http://127.0.0.1:1", ${TWO} }`, 'upstreams.app', 'needs one of'],
    ['no targets', '{ targets: [] }', 'upstreams.app.targets', ''],
    [
      'a target twice',
      '{ targets: [ { url: "http://a:80/" }, { url: "http://a" } ] }',
      'upstreams.app.targets',
      'twice',
    ],
    ['a path', '{ targets: [ { url: "http://a/v1" } ] }', 'upstreams.app.targets[0].url', 'names a path'],
    ['another scheme', '{ targets: [ { url: "ftp://a" } ] }', 'upstreams.app.targets[0].url', 'not an http(s) address'],
    ['no weight', '{ targets: [ { url: "http://a", weight: 0 } ] }', 'upstreams.app.targets[0].weight', ''],
    ['ejection of the only target', '{ url: "http://a", ejection: {} }', 'upstreams.app', '`ejection`, which needs'],
    ['retries on the only target', '{ url: "http://a", retry: off }', 'upstreams.app', '`retry`, which needs'],
    ['another balance', `{ ${TWO}, balance: random }`, 'upstreams.app.balance', ''],
    ['a check of no path', '{ url: "http://a", health: { path: health } }', 'upstreams.app.health.path', 'not a path'],
    [
      'a check of a fragment',
      '{ url: "http://a", health: { path: "/h#x" } }',
      'upstreams.app.health.path',
      'not a path',
    ],
    ['a check without a path', '{ url: "http://a", health: {} }', 'upstreams.app.health.path', ''],
    ['a bound of nothing', '{ url: "http://a", concurrency: { queue: 1 } }', 'upstreams.app.concurrency.max', ''],
    ['an unknown key', `{ ${TWO}, ejection: { after: 3 } }`, 'upstreams.app.ejection.after', ''],
    ['a host with a scheme', `{ ${TWO}, host: "https://a" }`, 'upstreams.app.host', 'not a host name'],
  ])('with %s is refused where it stands', (_what, upstream, path, message) => {
    const result = parse(upstream);
    const problems = result.ok ? [] : result.problems;
    expect(problems).toContainEqual(
      expect.objectContaining({ path, message: expect.stringContaining(message), hint: expect.stringMatching(/\S/) }),
    );
  });

  it('that is reached in plain text on another network is named, each target of it', () => {
    const result = parse('{ targets: [ { url: "http://a.example.com" }, { url: "https://b.example.com" } ] }');
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const facts = { dataDir: undefined, environment: {}, strayFiles: [], secretFiles: [] };
    const paths = auditSettings(result.loaded, facts).flatMap(({ code, path }) =>
      code === 'upstream-plain-http' ? [path] : [],
    );
    expect(paths).toEqual(['upstreams.app.targets[0].url']);
  });
});
