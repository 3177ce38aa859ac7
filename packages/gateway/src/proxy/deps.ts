import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  BucketStore,
  CanonicalRequest,
  Clock,
  Decision,
  DecisionRecord,
  EventSink,
  Ledger,
  Owners,
  Principal,
  ProblemError,
  Random,
  RequestBody,
  RouteMatch,
} from '@steadygate/core';
import type { AssertionSigner } from './assertion.ts';
import type { ConnectionLimits } from './connections.ts';
import type { GateState } from './generation.ts';
import type { Tracer } from './tracing.ts';

/** What the data plane knows of a request that goes to the gate's own routes. Its body is read through `body` only. */
export interface ControlContext {
  readonly request: CanonicalRequest;
  readonly decision: Decision;
  readonly principal: Principal | undefined;
  readonly match: RouteMatch;
  readonly body: RequestBody;
  readonly nowMs: number;
  /** Says that the operation itself refused: the decision log, `explain` and the audit log then tell it. */
  readonly refused: (problem: ProblemError) => void;
}

/**
 * Answers requests of reserved paths, after their guards.
 *
 * The response already carries the security headers, the request id and what guards added; problems of its own it
 * answers itself.
 */
export type ControlHandler = (
  incoming: IncomingMessage,
  response: ServerResponse,
  context: ControlContext,
) => void | Promise<void>;

/** A decided request with what is known of it. */
export interface RecordableRequest {
  readonly record: DecisionRecord;
  readonly request: CanonicalRequest;
  /** What guards have read; undefined when none did, or there was none. */
  readonly body: Uint8Array | undefined;
}

/** Keeps requests for a replay. Takes them without delay and without throwing. */
export interface RequestRecorder {
  take(recordable: RecordableRequest): void;
}

/** Everything the data plane works with. */
export interface DataPlaneDeps {
  readonly state: GateState;
  readonly clock: Clock;
  /** A clock that never goes back, with fractions of milliseconds: for durations. Absent: `clock`. */
  readonly monotonicMs?: () => number;
  readonly random: Random;
  readonly events: EventSink;
  /** Absent: requests are not recorded (T25). */
  readonly recorder?: RequestRecorder | undefined;
  readonly owners: Owners;
  readonly ledger: Ledger;
  readonly buckets: BucketStore;
  readonly assertions: AssertionSigner;
  readonly control: ControlHandler;
  /** Follows requests; absent: nobody asked for traces. */
  readonly tracer?: Tracer;
  /** A message of this principal went up a socket: its session is in use. */
  readonly onActivity?: (principal: Principal, nowMs: number) => void;
  /** When the session or key of a principal ends by the store; 0: it has ended. Asked when nobody knows what happened meanwhile (T11). */
  readonly credentialEndMs: (principal: Principal) => Promise<number>;
  /** Whether a caller is blocked (WK3). Absent: nobody is. */
  readonly isBlocked?: (principal: Principal) => boolean;
  /** For how long this instance has been cut off from its state, in milliseconds (T11). Absent: never. */
  readonly staleMs?: () => number;
  /** PEM texts; absent: plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Until a whole request head has arrived. Absent: 10 s. */
  readonly requestHeadMs?: number;
  readonly connectionLimits?: Partial<ConnectionLimits>;
  /** Addresses of listed proxies: they stand for many clients. */
  readonly isTrustedPeer?: (address: string) => boolean;
}
