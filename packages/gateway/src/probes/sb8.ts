import { allowedOrigin, demandNoCors } from './cors-fields.ts';
import { HANDSHAKE } from './http-client.ts';
import { demand, probe } from './probe.ts';

const FOREIGN = 'https://sg-probe.invalid';
const LISTED_MAX = 5;

/** Asks as a page of an unlisted origin, and as pages of the listed ones. */
export const sb8 = probe('SB8', ['cors'], async ({ mirror, real, running }) => {
  await demandNoCors(real, '/health/live', FOREIGN);
  const session = await mirror.signIn(mirror.names.role);
  const path = `${mirror.names.open}/page`;
  await demandNoCors(session.bearer, path, FOREIGN);
  const upgrade = { ...HANDSHAKE, origin: FOREIGN };
  const socket = await session.cookies.send({ path: mirror.names.socket, headers: upgrade });
  demand(socket.status === 403, `A WebSocket of a page on an unlisted origin was answered ${socket.status}.`);
  const listed = running.patient.loaded?.config.guards.cors.origins ?? [];
  for (const origin of listed.filter((text) => text.startsWith('http')).slice(0, LISTED_MAX)) {
    const allowed = allowedOrigin(await session.bearer.send({ path, headers: { origin } }));
    demand(allowed === origin, `Listed origin ${origin} is answered "${allowed}".`);
  }
  return `An unlisted origin got no leave to read, preflight or open a socket. Listed: ${listed.length === 0 ? 'none' : listed.join(', ')}.`;
});
