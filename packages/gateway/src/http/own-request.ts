import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CanonicalRequest, Decision, RequestBody } from '@steadygate/core';

/** A request to the gate's own paths after its guards passed. */
export interface OwnRequest {
  readonly request: CanonicalRequest;
  readonly decision: Decision;
  readonly body: RequestBody;
  readonly nowMs: number;
}

/** Answers requests of the gate's own paths: the data plane hands them over after the guards. */
export type OwnHandler = (raw: IncomingMessage, answer: ServerResponse, own: OwnRequest) => void;
