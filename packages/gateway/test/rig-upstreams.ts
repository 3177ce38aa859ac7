import type { UpstreamPolicy } from '@steadygate/core';
import { systemRandom } from '../src/crypto/random.ts';
import { createHttpClient } from '../src/proxy/upstream/http-client.ts';
import { systemAfter } from '../src/upstreams/deps.ts';
import type { UpstreamEvent } from '../src/upstreams/event.ts';
import type { UpstreamPool } from '../src/upstreams/pool.ts';
import { Upstreams, type UpstreamSettings } from '../src/upstreams/upstreams.ts';

/** An upstream that is only forwarded to. */
export const PLAIN: UpstreamPolicy = {
  balance: 'roundRobin',
  health: undefined,
  ejection: undefined,
  retry: undefined,
  concurrency: undefined,
  breaker: undefined,
  failureStatuses: [],
};

/** Upstreams over real connections, and what they told. */
export interface RigUpstreams {
  readonly upstreams: Upstreams;
  readonly events: UpstreamEvent[];
}

/** Makes them. */
export function rigUpstreams(connectionsMax = 64): RigUpstreams {
  const events: UpstreamEvent[] = [];
  const upstreams = new Upstreams({
    nowMs: () => Date.now(),
    after: systemAfter,
    random: systemRandom,
    createClient: ({ url, host, connectMs }) => createHttpClient(url, { host, connectMs, connectionsMax }),
    onEvent: (event) => void events.push(event),
  });
  return { upstreams, events };
}

/** Puts one upstream, `app`, in force. */
export function poolOf(upstreams: Upstreams, settings: Partial<UpstreamSettings>): UpstreamPool {
  const policy = { ...PLAIN, ...settings.policy };
  const prepared = upstreams.prepare([{ name: 'app', targets: [], host: undefined, ...settings, policy }], 1000);
  upstreams.commit(prepared);
  const pool = prepared.pools.get('app');
  if (pool === undefined) throw new Error('the upstream was not prepared');
  return pool;
}
