import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requestHandler } from './routes.ts';

// A parent that forks the shop chooses the port by asking for it; alone it has one that the README names.
const isForked = process.send !== undefined;
const host = process.env['HOST'] ?? '127.0.0.1';
const server = createServer(requestHandler());
server.listen(Number(process.env['PORT'] ?? (isForked ? 0 : 3200)), host);

await once(server, 'listening');
// Bound to a TCP port, so the address is one.
const { port } = server.address() as AddressInfo;
if (isForked) process.send?.({ port });
else console.log(`The shop listens on http://${host}:${port}, open to whoever reaches it.`);

process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
