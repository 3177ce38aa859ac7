import type { RoutePolicy } from '@steadygate/core';
import type { ControlContext } from '../../packages/gateway/src/proxy/deps.ts';

const PUBLIC_PAGE: RoutePolicy = {
  config: 'built in',
  path: '/**',
  access: 'public',
  deny: false,
  bodyBytesMax: 0,
  websocket: false,
  csrf: 'origin',
  guards: {},
  assertion: 'principal',
};

/** What the data plane hands over with a GET of a public page; `target` is taken as it is, canonical or not. */
export function publicContext(target: string): ControlContext {
  const [path = '/', query = ''] = target.split('?', 2);
  return {
    request: {
      id: 'request-1',
      method: 'GET',
      path,
      query,
      host: 'localhost',
      scheme: 'http',
      headers: [],
      clientAddress: '127.0.0.1',
      peerAddress: '127.0.0.1',
      upgrade: undefined,
      bodyBytes: 0,
    },
    decision: { outcome: 'allow', principal: undefined, findings: [], answerHeaders: [] },
    principal: undefined,
    match: { route: { policy: PUBLIC_PAGE, guards: [] }, operation: undefined },
    body: {
      bytes: async () => new Uint8Array(),
      json: async () => undefined,
      text: async () => ({ text: '', isUtf8: true }),
    },
    nowMs: 0,
    refused: () => undefined,
  };
}
