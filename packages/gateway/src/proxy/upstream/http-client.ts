import { ProblemError } from '@steadygate/core';
import type { WebSocket } from 'ws';
import type { UpstreamClient, UpstreamSocketRequest } from '../upstream-client.ts';
import { openUpstreamSocket } from '../upstream-socket.ts';
import { Call } from './call.ts';
import { openerOf, originOf } from './open-socket.ts';
import { Pool, type PoolOptions } from './pool.ts';
import { writeRequest } from './request-head.ts';

const NOTHING = { head: '', bodyBytes: 0 };

/** How one target is reached. */
export interface HttpClientOptions extends PoolOptions {
  /** Whose certificate is wanted, with or without a port. Absent: the URL's host. */
  readonly host?: string;
}

/** An `UpstreamClient` of our own: HTTP/1.1 over kept-alive connections, without pipelining, strict in what it reads. */
export function createHttpClient(url: URL, options: HttpClientOptions): UpstreamClient {
  const pool = new Pool(openerOf(originOf(url, options.host)), options);
  return {
    dispatch(request, handler) {
      const written = writeRequest(request);
      if ('reason' in written) {
        const call = new Call(request, NOTHING, handler);
        const cause = new Error(`Not sendable: ${written.reason}`);
        call.fail(new ProblemError('request-malformed', {}, { cause }));
        return call;
      }
      const call = new Call(request, written, handler);
      pool.dispatch(call);
      return call;
    },
    openSocket: (request: UpstreamSocketRequest): WebSocket => openUpstreamSocket(url, request),
    close: () => pool.close(),
  };
}
