import type { Random } from '@steadygate/core';
import type { DataPlaneDeps } from './deps.ts';
import type { Pulse } from './pulse.ts';
import type { StreamShares } from './stream-shares.ts';
import type { Streams } from './streams.ts';

/** What every part of the running data plane shares. */
export interface Plane {
  readonly deps: DataPlaneDeps;
  /** For request ids. */
  readonly ids: Random;
  /** A clock that never goes back, with fractions of milliseconds. */
  readonly monotonicMs: () => number;
  readonly pulse: Pulse;
  readonly streams: Streams;
  readonly shares: StreamShares;
  /** Messages of sockets that were not let through, counted for metrics. */
  readonly dropped: { up: number; down: number };
}
