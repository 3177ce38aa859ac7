/*
 * An upstream that answers 200 to everything, for scoring inspection.
 * node bench/waf-upstream.ts [port]
 */
import { createServer } from 'node:http';

const BODY = JSON.stringify({ ok: true });

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) });
    response.end(BODY);
  });
});
server.listen(Number(process.argv[2] ?? 18081), '127.0.0.1', () => console.log(JSON.stringify(server.address())));
