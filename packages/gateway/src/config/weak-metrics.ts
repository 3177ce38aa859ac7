import { isLoopbackHost } from './address.ts';
import type { Config } from './schema.ts';
import type { WeakSetting } from './weak-finding.ts';

/** What speaks against the listener of metrics: it asks for no credential (T16). */
export function metricsFindings({ listen, environment }: Config): readonly WeakSetting[] {
  const { metrics } = listen;
  if (metrics === undefined) return [];
  if (environment === 'development') return isLoopbackHost(metrics.host) ? [] : [PUBLIC_IN_DEVELOPMENT];
  return metrics.from.flatMap((range, at) => (/\/[0-7]$/.test(range) ? [everyone(at)] : []));
}

const PUBLIC_IN_DEVELOPMENT: WeakSetting = {
  severity: 'critical',
  code: 'listener-development-public',
  path: 'listen.metrics',
  message: 'Development listens on an address that others can reach.',
  hint: 'Bind 127.0.0.1, or set environment: production.',
};

function everyone(at: number): WeakSetting {
  return {
    severity: 'critical',
    code: 'metrics-everyone',
    path: `listen.metrics.from[${String(at)}]`,
    message: 'Almost everybody may read metrics.',
    hint: 'List the addresses of your scrapers only.',
  };
}
