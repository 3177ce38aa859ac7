import type { TraceContext } from '@steadygate/core';

/** One finished span. Holds ids of requests and routes, never paths, addresses or people. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** Whether the parent is another process's. */
  readonly isParentRemote: boolean;
  readonly state: string | undefined;
  readonly kind: 'server' | 'client';
  readonly name: string;
  /** Epoch milliseconds with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Another trace that a caller named and that nobody vouched for. */
  readonly link: TraceContext | undefined;
  readonly isError: boolean;
}
