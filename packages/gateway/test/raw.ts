import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** What a raw connection got until the other side closed it. */
export interface RawAnswer {
  readonly text: string;
  readonly status: number;
  readonly isClosed: boolean;
}

/** Sends bytes as they are, and reads until the connection closes or `waitMs` pass. */
export function sendRaw(port: number, bytes: string | Buffer, waitMs = 1500): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const done = (isClosed: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ text, status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), isClosed });
    };
    const timer = setTimeout(() => done(false), waitMs);
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('close', () => done(true));
    socket.on('error', () => undefined);
    socket.on('connect', () => socket.write(bytes));
  });
}

/** An open raw connection; `text()` is what has come so far. */
export function openRaw(port: number, localAddress = '127.0.0.1'): { socket: Socket; text: () => string } {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  return { socket, text: () => text };
}
