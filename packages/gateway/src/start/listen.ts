import { once } from 'node:events';
import type { Server } from 'node:http';
import { authority, type ListenAddress } from '../config/address.ts';

/** Binds a server. Returns what was bound, or a sentence on why not. */
export async function listen(server: Server, address: ListenAddress): Promise<ListenAddress | { failure: string }> {
  const listening = once(server, 'listening');
  server.listen({ host: address.host, port: address.port, backlog: 4096 });
  try {
    await listening;
  } catch (cause) {
    return { failure: `Cannot listen on ${authority(address)}: ${reason(cause)}` };
  }
  const bound = server.address();
  return { host: address.host, port: typeof bound === 'object' && bound !== null ? bound.port : address.port };
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there. Choose another port with --listen HOST:PORT.',
  EACCES: 'this user may not. Choose a port above 1023 with --listen HOST:PORT.',
  EADDRNOTAVAIL: 'this machine has no such address.',
};

function reason(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return REASONS[code] ?? (cause instanceof Error ? cause.message : String(cause));
}
