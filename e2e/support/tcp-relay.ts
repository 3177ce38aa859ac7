import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be cut without either side hearing of it, as a network can. */
export interface TcpRelay {
  readonly port: number;
  /** From now on nothing passes, in either direction; connections stay open, new ones get no answer. */
  cut(): void;
  /** Passes again, what was held first. */
  heal(): void;
  close(): Promise<void>;
}

/** Starts one in front of a port of this machine. */
export async function tcpRelay(target: { readonly host: string; readonly port: number }): Promise<TcpRelay> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    const far = connect(target);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      // Paused sockets fill up and hold what they are sent: to both ends it looks like a network that lost its way.
      from.on('data', (chunk) => void to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroy();
      });
      if (isCut) from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cut() {
      isCut = true;
      for (const socket of open) socket.pause();
    },
    heal() {
      isCut = false;
      for (const socket of open) socket.resume();
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
