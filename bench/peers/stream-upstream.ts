/*
 * An application with event streams at /events, which tell something at once, and with echoing sockets at /ws.
 * node bench/peers/stream-upstream.ts PORT
 */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: hello\n\n');
  request.on('close', () => response.destroy());
});
const sockets = new WebSocketServer({ server, path: '/ws', perMessageDeflate: false });
sockets.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
