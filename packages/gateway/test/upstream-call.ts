import type { ProblemError } from '@steadygate/core';
import type {
  Reach,
  UpstreamCall,
  UpstreamClient,
  UpstreamHandler,
  UpstreamRequest,
} from '../src/proxy/upstream-client.ts';

/** A request that every upstream takes. */
export const GET: UpstreamRequest = {
  method: 'GET',
  target: '/',
  headers: ['host', 'a'],
  body: undefined,
  timeouts: { headersMs: 2000 },
};

/** What became of a request. */
export interface Outcome {
  readonly status: number | undefined;
  readonly body: string;
  /** The code of the problem; undefined when the answer came to its end. */
  readonly problem: string | undefined;
  readonly reach: Reach | undefined;
  /** The reason of the problem, for the log. */
  readonly reason: string;
}

/** Sends a request and waits for its end; `during` is called with the call once its head is there. */
export function send(
  client: UpstreamClient,
  request: Partial<UpstreamRequest> = {},
  on: { head?: (call: () => UpstreamCall) => void; data?: (chunk: Buffer, call: () => UpstreamCall) => void } = {},
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let status: number | undefined;
  let body = '';
  const finish = (problem?: ProblemError, reach?: Reach): void => {
    const reason = problem?.cause instanceof Error ? problem.cause.message : '';
    resolve({ status, body, problem: problem?.code, reach, reason });
  };
  const handler: UpstreamHandler = {
    onHead: (head) => {
      status = head.status;
      on.head?.(() => call);
    },
    onData: (chunk) => {
      body += chunk.toString('latin1');
      on.data?.(chunk, () => call);
    },
    onEnd: () => finish(),
    onError: finish,
  };
  const call = client.dispatch({ ...GET, ...request }, handler);
  return promise;
}
