import { HANDSHAKE } from './http-client.ts';
import { demand, probe } from './probe.ts';

/** Opens sockets with each credential, with both and with none. */
export const au4 = probe('AU4', ['authenticate'], async ({ mirror }) => {
  const session = await mirror.signIn(mirror.names.role);
  const own = { ...HANDSHAKE, origin: mirror.origin };
  const knock = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    return (await mirror.client.send({ path: mirror.names.socket, headers })).status;
  };
  const bearer = await knock({ ...HANDSHAKE, ...session.bearerHeaders });
  demand(bearer === 101, `A WebSocket with a bearer token was answered ${bearer}.`);
  const cookie = await knock({ ...own, ...session.cookieHeaders });
  demand(cookie === 101, `A WebSocket with the session cookie was answered ${cookie}.`);
  const both = await knock({ ...own, ...session.bearerHeaders, ...session.cookieHeaders });
  demand(both === 400, `A WebSocket with two credentials was answered ${both}.`);
  const none = await knock(own);
  demand(none === 401, `A WebSocket without a credential was answered ${none}.`);
  const query = await mirror.client.send({ path: `${mirror.names.socket}?token=${session.token}`, headers: own });
  demand(query.status === 401, `A WebSocket with a token in its address was answered ${query.status}.`);
  return 'Header or cookie opened a socket; both together, none, and a token in the address did not.';
});
