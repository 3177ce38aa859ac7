import { Socket } from 'node:net';

/** The sockets of one database's connections, so that they can be ended when the server no longer answers. */
export class PostgresSockets {
  readonly #open = new Set<Socket>();

  /** A socket that nobody has connected yet. */
  make = (): Socket => {
    const socket = new Socket();
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  };

  /** Ends every connection at once: no farewell is sent, and none is awaited. */
  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
