import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

/** One process of an application with several: tells its name, and is as slow or as broken as its path says. */

const NAME = process.env['TARGET_NAME'] ?? '';
/** What the processes have in common is not in them: ids that say who made them. */
let made = 0;

function tell(incoming: IncomingMessage, response: ServerResponse, status = 200): void {
  const { headers, url, method } = incoming;
  const body = JSON.stringify({ name: NAME, method, url, headers });
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

/** One event at once, and one for each 100 ms after it, until its reader leaves or `?count=` is reached. */
async function stream(response: ServerResponse, count: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let at = 0; at < count && !response.destroyed; at += 1) {
    response.write(`data: ${NAME} ${at}\n\n`);
    await sleep(100);
  }
  response.end();
}

const server = createServer((incoming, response) => {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://x');
  incoming.resume();
  const number = (name: string): number => Number(searchParams.get(name) ?? '0');
  if (pathname.endsWith('/events')) void stream(response, number('count') || Infinity);
  else if (pathname.endsWith('/slow')) void sleep(number('ms')).then(() => tell(incoming, response));
  else if (pathname.endsWith('/status')) tell(incoming, response, number('code'));
  else if (pathname.endsWith('/things') && incoming.method === 'POST') {
    made += 1;
    const body = JSON.stringify({ id: `${NAME}-${made}` });
    response.writeHead(201, { 'content-type': 'application/json' }).end(body);
  } else tell(incoming, response);
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('message', () => socket.send(NAME));
  socket.send(NAME);
});
server.listen(Number(process.env['TARGET_PORT'] ?? '0'), '127.0.0.1');
await once(server, 'listening');
// Bound to a TCP port, so the address is one.
process.send?.({ port: (server.address() as AddressInfo).port });
process.on('message', () => {
  server.getConnections((_error, connections) => process.send?.({ connections }));
});
process.on('disconnect', () => process.exit());
