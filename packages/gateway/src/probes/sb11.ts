import { HANDSHAKE } from './http-client.ts';
import { post } from './log-in.ts';
import { demand, probe } from './probe.ts';

const REAL_MAX = 5;
const CLOSE_MS_MAX = 1_000;
const SESSION_ENDED = 4001;

/** Knocks without a credential, opens a socket with one, and ends the session behind it. */
export const sb11 = probe('SB11', ['authenticate', 'upgrade'], async ({ mirror, real, running, nowMs }) => {
  const paths =
    running.patient.loaded?.config.routes.filter((route) => route.websocket && !route.path.includes('*')) ?? [];
  for (const { path } of paths.slice(0, REAL_MAX)) {
    const { status } = await real.send({ path: path.replaceAll(/\{\w+\}/g, 'sg-probe'), headers: HANDSHAKE });
    demand(status === 401, `A WebSocket on ${path} without a credential was answered ${status}.`);
  }
  const bare = await mirror.client.send({ path: mirror.names.socket, headers: HANDSHAKE });
  demand(bare.status === 401, `A WebSocket without a credential was answered ${bare.status}.`);
  const session = await mirror.signIn(mirror.names.role);
  const elsewhere = await session.bearer.send({ path: `${mirror.names.open}/page`, headers: HANDSHAKE });
  demand(elsewhere.status !== 101, 'A WebSocket opens on a route that does not allow it.');
  const socket = await mirror.openSocket(session);
  try {
    const startedMs = nowMs();
    await post(session.bearer, '/auth/logout', {});
    const code = await Promise.race([socket.closed, after(CLOSE_MS_MAX)]);
    demand(code === SESSION_ENDED, 'An open WebSocket outlived its session by a second.');
    return `Sockets without a credential are refused; one that was open closed ${nowMs() - startedMs} ms after its session ended.`;
  } finally {
    socket.close();
  }
});

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => void setTimeout(resolve, ms, undefined));
}
