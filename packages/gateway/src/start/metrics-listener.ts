import type { Server } from 'node:http';
import { parseRange } from '@steadygate/core';
import type { Gate } from '../compose.ts';
import { authority } from '../config/address.ts';
import { metricsListener } from '../metrics/listener.ts';
import { listen } from './listen.ts';

/** A bound listener of metrics, or a sentence on why it is none. */
export type BoundMetrics =
  | { readonly address: string | undefined; readonly close: () => void }
  | { readonly failure: string };

/** Binds the listener of metrics that the configuration names, if it names one (T16). */
export async function bindMetrics({ runtime, metrics }: Gate): Promise<BoundMetrics> {
  const settings = runtime.config.metricsListener;
  if (settings === undefined) return { address: undefined, close: () => undefined };
  const from = settings.from.map(parseRange).filter((range) => range !== undefined);
  const server = metricsListener({ read: metrics.read, from, hosts: settings.hosts });
  const bound = await listen(server, settings);
  if ('failure' in bound) return bound;
  return { address: authority(bound), close: () => closeAll(server) };
}

/** A scrape that is cut off is repeated. */
function closeAll(server: Server): void {
  server.close();
  server.closeAllConnections();
}
