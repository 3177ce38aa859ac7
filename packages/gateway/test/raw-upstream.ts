import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** One connection as a hostile upstream sees it. */
export interface RawConnection {
  readonly socket: Socket;
  /** Which connection this is, from 0. */
  readonly number: number;
  /** All that came on it so far. */
  text(): string;
}

/** An upstream that answers with bytes as they are. */
export interface RawUpstream {
  readonly url: URL;
  readonly connections: readonly RawConnection[];
  close(): Promise<void>;
}

/** Starts one; `onRequest` is called for every head that came, with its number on its connection, from 0. */
export async function startRawUpstream(
  onRequest: (connection: RawConnection, number: number) => void,
  server: Server = createServer(),
  event: 'connection' | 'secureConnection' = 'connection',
): Promise<RawUpstream> {
  const connections: RawConnection[] = [];
  server.on(event, (socket: Socket) => {
    let text = '';
    let heads = 0;
    const connection = { socket, number: connections.length, text: () => text };
    connections.push(connection);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (const seen = text.split('\r\n\r\n').length - 1; heads < seen; heads += 1) onRequest(connection, heads);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Bound to a TCP port, so the address is one.
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`${event === 'connection' ? 'http' : 'https'}://127.0.0.1:${port}`),
    connections,
    async close() {
      for (const { socket } of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
