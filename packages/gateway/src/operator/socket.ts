import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { DataLock } from '../store/lock.ts';
import { answerOperator, type OperatorEndpoint } from './answer.ts';
import { OperatorRefusal } from './refusal.ts';
import { socketPath } from './socket-path.ts';

/** A listening control socket. */
export interface OperatorSocket {
  readonly path: string;
  /** Answers what is under way, then removes the socket. Call it before the lock is released. */
  close(): Promise<void>;
}

/**
 * Serves operator commands on `<data>/control.sock` (0600): whoever owns the data directory is the administrator.
 *
 * Takes the lock as proof that no other server uses the directory: only then a socket that is left over may be removed.
 *
 * @throws OperatorRefusal `socket-unusable`
 */
export async function serveOperator(
  lock: Pick<DataLock, 'dataDir'>,
  endpoint: OperatorEndpoint,
): Promise<OperatorSocket> {
  const path = socketPath(lock.dataDir);
  removeLeftOver(path);
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    void answerOperator(endpoint, request, response);
  });
  await listenPrivately(server, path);
  return {
    path,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

/** Only a socket is ever removed: anything else there was not put there by us. */
function removeLeftOver(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket())
    throw new OperatorRefusal('socket-unusable', `${path} is in the way: it is no socket. Move it away.`);
  unlinkSync(path);
}

/** The socket is made with its final mode: between `bind` and a `chmod` it would be open to whoever can reach it. */
async function listenPrivately(server: Server, path: string): Promise<void> {
  const listening = once(server, 'listening');
  const before = process.umask(0o177);
  try {
    // Binds before it returns; only the event comes later.
    server.listen(path);
  } finally {
    process.umask(before);
  }
  try {
    await listening;
  } catch (cause) {
    throw new OperatorRefusal('socket-unusable', `The control socket ${path} cannot be made.`, { cause });
  }
  chmodSync(path, 0o600);
}
