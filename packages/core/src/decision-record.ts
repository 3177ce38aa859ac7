import type { Decision } from './decision.ts';

/** One decided request, as the log line, the decision file and `explain` show it. Masked; ids only; no bodies. */
export interface DecisionRecord {
  readonly requestId: string;
  readonly atMs: number;
  readonly method: string;
  /** Canonical path without the query. */
  readonly path: string;
  readonly clientAddress: string;
  /** The matched route's place in the configuration; undefined when none matched or the request was malformed. */
  readonly route: string | undefined;
  readonly decision: Decision;
  /** The status that was sent; 101 for an upgrade, 499 when the client left before it. */
  readonly status: number;
  readonly durationMs: number;
  /** Bytes of the answer's body. */
  readonly answerBytes: number;
  /** Of violations only: whether another site's page may have made the caller's browser send it. */
  readonly mayBeOtherSites?: boolean;
  /** Of violations only: forwarding fields came from a peer that is no listed proxy. */
  readonly claimsForwarding?: boolean;
  /** The pattern of the matched route, such as `/api/chats/{id}`: of the table, never what a client sent. */
  readonly routePath?: string | undefined;
  /** Absent when nobody measured. */
  readonly took?: Took;
  /** Of the trace that the request belongs to; absent when it is none that is followed. */
  readonly traceId?: string;
}

/** How long a request took, in milliseconds with fractions, by a clock that never goes back. */
export interface Took {
  /** From the request's head to the end of its answer; to its beginning for what stays open. */
  readonly totalMs: number;
  /** The part that was the gate's own: without the time in which it waited for the client's body or for the upstream. */
  readonly addedMs: number;
  /** The upstream that was asked. */
  readonly upstream: string | undefined;
  /** From sending the request up to the head of the answer; undefined when there was none. */
  readonly upstreamMs: number | undefined;
}

/** Takes what happened, without delay and without throwing: logs, decision file, metrics, aggregated denials (T12). */
export interface EventSink {
  decided(record: DecisionRecord): void;
  /** Something an operator must look at: an ownership conflict, an orphan, forged forwarding headers. */
  alert(alert: Alert): void;
}

export interface Alert {
  readonly kind:
    | 'ownership-conflict'
    | 'orphan'
    | 'refresh-reuse'
    | 'key-leaked'
    | 'forwarding-forged'
    /** A key, user or address was blocked, or would have been. */
    | 'caller-blocked'
    /** Somebody's requests come many times as often as usual. */
    | 'burst'
    /** A key is used as it was not before: volume, failures, or from another network. */
    | 'key-unusual'
    | 'upstream-dropped'
    | 'upstream-down'
    | 'upstream-up';
  readonly requestId: string | undefined;
  /** Plain words with ids, no names and no secrets. */
  readonly message: string;
}
