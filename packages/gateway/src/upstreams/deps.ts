import type { Random } from '@steadygate/core';
import type { UpstreamClient } from '../proxy/upstream-client.ts';
import type { UpstreamEvent } from './event.ts';

/** How one target is reached. */
export interface TargetAddress {
  readonly url: URL;
  /** Sent as `Host`, and wanted in certificates. */
  readonly host: string;
  readonly connectMs: number;
}

/** Runs something once after a time, unless the returned function is called before. Holds no process open. */
export type After = (ms: number, run: () => void) => () => void;

/** What upstreams work with. */
export interface UpstreamDeps {
  readonly nowMs: () => number;
  readonly after: After;
  readonly random: Random;
  /** The connections to one target. */
  readonly createClient: (address: TargetAddress, connectionsMax: number) => UpstreamClient;
  readonly onEvent: (event: UpstreamEvent) => void;
}

/** Time by the system's timers. */
export const systemAfter: After = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};
