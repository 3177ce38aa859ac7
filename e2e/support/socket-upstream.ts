import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** An application with echoing sockets; its requests are answered as the test says. */
export interface SocketUpstream {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts one on a free port. */
export async function startSocketUpstream(
  answer: (incoming: IncomingMessage, response: ServerResponse) => void,
): Promise<SocketUpstream> {
  const server = createServer(answer);
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
  await once(server, 'listening');
  // Bound to a TCP port, so the address is one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
