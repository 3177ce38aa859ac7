import type { TraceContext } from '@steadygate/core';
import type { SamplerSettings } from './settings.ts';

/** Whether a trace is recorded. `parent`: of a trusted caller; undefined when the trace begins here. */
export type Sampler = (parent: TraceContext | undefined, traceId: string) => boolean;

/** The last 56 bits of a trace id are random (W3C Trace Context 2): all who compare them with one ratio agree. */
const RANDOM_DIGITS = 14;
const RANDOM_RANGE = 2 ** 56;

/** A sampler as the standard variables describe it. */
export function samplerOf({ isParentBased, ratio }: SamplerSettings): Sampler {
  // Of the rejected part, as consistent probability sampling has it: what passes a low ratio passes every higher one.
  const threshold = (1 - ratio) * RANDOM_RANGE;
  const byRatio = (traceId: string): boolean => {
    if (ratio >= 1 || ratio <= 0) return ratio >= 1;
    return Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) >= threshold;
  };
  return (parent, traceId) => (isParentBased && parent !== undefined ? parent.isSampled : byRatio(traceId));
}
