// Says something in a chat over the WebSocket of the gate, and prints the events that come back.
//
//   node examples/assistant/say.ts GATE COOKIE_FILE CHAT_ID TEXT
//
// COOKIE_FILE is what `curl -c` writes. Ends with the reply; with exit code 1 when the gate closes the socket.
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

const REPLY_MS = 10_000;

const [gate, cookieFile, chatId, text] = process.argv.slice(2);
if (gate === undefined || cookieFile === undefined || chatId === undefined || text === undefined) {
  console.error('Usage: say.ts GATE COOKIE_FILE CHAT_ID TEXT');
  process.exit(2);
}

const socket = new WebSocket(new URL('/ws', gate), {
  headers: { cookie: cookiesOf(readFileSync(cookieFile, 'utf8')), origin: new URL(gate).origin },
  timeout: REPLY_MS,
});
const tooLong = setTimeout(() => fail('No reply came.'), REPLY_MS);

socket.on('open', () => socket.send(JSON.stringify({ type: 'say', chatId, text })));
socket.on('message', (data) => {
  // Text arrives in one piece, as a Buffer, unless the socket is told otherwise.
  const line = Buffer.isBuffer(data) ? data.toString() : '';
  console.log(line);
  if (line.startsWith('{"type":"reply.done"')) socket.close(1000);
});
socket.on('unexpected-response', (_request, response) => fail(`The gate answered ${response.statusCode ?? '?'}.`));
socket.on('error', (error) => fail(error.message));
socket.on('close', (code, reason) => {
  clearTimeout(tooLong);
  if (code !== 1000) fail(`The gate closed the socket: ${code} ${String(reason)}`);
});

/** `name=value` of every line of a cookie file: seven fields with tabs between, `#HttpOnly_` in front of some. */
function cookiesOf(file: string): string {
  const fields = file.split('\n').map((line) => line.split('\t'));
  return fields.flatMap(([, , , , , name, value]) => (value === undefined ? [] : [`${name}=${value}`])).join('; ');
}

function fail(message: string): void {
  console.error(message);
  process.exit(1);
}
