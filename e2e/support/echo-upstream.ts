import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** An application that tells what reached it, streams at `/events`, and opens sockets at `/ws`. */
export interface EchoUpstream {
  readonly url: string;
  /** Paths that reached it. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

/** Starts it on a free port. */
export async function startEchoUpstream(): Promise<EchoUpstream> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    if (request.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: hello\n\n');
      return;
    }
    const { method, url, headers } = request;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ method, url, headers }));
  });
  const sockets = new WebSocketServer({ server, path: '/ws' });
  sockets.on('connection', (socket) => socket.send('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Bound to a TCP port, so the address is one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A gate's configuration in front of it, with limits that tests do not meet; `more` replaces top-level settings. */
export function echoConfig(upstreamUrl: string, more: Readonly<Record<string, unknown>> = {}): object {
  const permission = { read: 'app:read', write: 'app:write' };
  return {
    environment: 'development',
    upstreams: { app: { url: upstreamUrl } },
    roles: {
      member: { permissions: ['app:*'], invitePrefix: 'SB-MEMBER-' },
      host: { permissions: ['app:*', 'invite:*'], invitePrefix: 'SB-HOST-' },
    },
    routes: [
      { path: '/ws', upstream: 'app', access: 'session', permission, websocket: true },
      { path: '/open/**', upstream: 'app', access: 'public' },
      { path: '/**', upstream: 'app', access: 'session', permission },
    ],
    limits: { general: '100000/1m', credentials: '100000/1m', refresh: '100000/1m' },
    blocks: { mode: 'off' },
    ...more,
  };
}
