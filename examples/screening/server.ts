import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { requestHandler } from './routes.ts';
import { ScreeningLog } from './screening-log.ts';

const HOST = process.env['HOST'] ?? '127.0.0.1';
const PORT = portOf(process.env['PORT']);

// A forked application belongs to its parent: it reports its port there, and ends when the parent does.
const server = createServer(requestHandler({ log: new ScreeningLog(), nowMs: Date.now }));
server.listen(PORT, HOST, () => announce(server));

process.on('SIGTERM', () => stop(server));
// Ctrl-C reaches the whole process group; a parent that drains still needs its upstream.
process.on('SIGINT', () => process.send !== undefined || stop(server));
process.on('disconnect', () => process.exit(0));

/** @throws Error if it is none: starting with a guess would hide the mistake */
function portOf(text: string | undefined): number {
  if (text === undefined || text === '') return process.send === undefined ? 3100 : 0;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new Error(`PORT must be a whole number from 0 to 65535, not "${text}".`);
}

function announce(listening: Server): void {
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no TCP port.');

  if (process.send !== undefined) process.send({ port: address.port });
  else console.log(`Screening listens on http://${HOST}:${address.port}, open to whoever reaches it.`);
}

function stop(listening: Server): void {
  listening.close(() => process.exit(0));
  listening.closeAllConnections();
}
