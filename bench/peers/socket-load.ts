/*
 * Sends messages that come back, as many as come back: `node bench/peers/socket-load.ts PORT SECONDS`. Prints how many that was.
 */
import { WebSocket } from 'ws';

const SOCKETS = 16;
const IN_FLIGHT = 8;
const MESSAGE = JSON.stringify({
  type: 'say',
  text: 'A short message of a chat, as people write them.',
  at: 1_700_000_000,
});

const [port, seconds] = process.argv.slice(2);
let count = 0;
for (let at = 0; at < SOCKETS; at += 1) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, { perMessageDeflate: false });
  socket.on('open', () => {
    for (let sent = 0; sent < IN_FLIGHT; sent += 1) socket.send(MESSAGE);
  });
  socket.on('message', () => {
    count += 1;
    socket.send(MESSAGE);
  });
  socket.on('error', (cause) => {
    console.error(cause.message);
    process.exit(1);
  });
}
setTimeout(
  () => {
    console.log(count);
    process.exit(0);
  },
  Number(seconds) * 1000,
);
