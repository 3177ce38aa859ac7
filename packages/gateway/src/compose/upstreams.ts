import type { Alert } from '@steadygate/core';
import { systemRandom } from '../crypto/random.ts';
import { createHttpClient } from '../proxy/upstream/http-client.ts';
import { systemAfter } from '../upstreams/deps.ts';
import { upstreamAlert } from '../upstreams/event.ts';
import { Upstreams } from '../upstreams/upstreams.ts';
import { systemClock } from './base.ts';

/** The upstreams of a gate; `alert` hears of what goes out of service and comes back. */
export function upstreamsOf(alert: (alert: Alert) => void): Upstreams {
  return new Upstreams({
    nowMs: () => systemClock.nowMs(),
    after: systemAfter,
    random: systemRandom,
    createClient: ({ url, host, connectMs }, connectionsMax) =>
      createHttpClient(url, { host, connectMs, connectionsMax }),
    onEvent: (event) => alert(upstreamAlert(event)),
  });
}
