import { claimsOf } from './forged-tokens.ts';
import { textOf } from './http-client.ts';
import { post } from './log-in.ts';
import { demand, probe } from './probe.ts';

const HOUR_SECONDS = 3_600;

/** Rotates a refresh token twice, and presents the first one again. */
export const au9 = probe('AU9', ['authenticate'], async ({ mirror }) => {
  const session = await mirror.signIn(mirror.names.role);
  const { iat, exp } = claimsOf(session.token);
  const seconds = Number(exp) - Number(iat);
  demand(seconds > 0 && seconds <= HOUR_SECONDS, `An access token lives ${seconds} seconds.`);
  const client = mirror.fresh();
  const refresh = (refreshToken: string) => post(client, '/auth/refresh', { refreshToken });
  const second = await refresh(session.refreshToken);
  const secondToken = textOf(second, 'refreshToken');
  demand(second.status === 200 && secondToken !== '', `A refresh was answered ${second.status}.`);
  demand(secondToken !== session.refreshToken, 'A refresh token does not change when it is used.');
  const third = await refresh(secondToken);
  demand(third.status === 200, `The next refresh was answered ${third.status}.`);
  const spent = await refresh(session.refreshToken);
  demand(spent.status === 401, `A spent refresh token was answered ${spent.status}.`);
  const after = await client.send({
    path: `${mirror.names.open}/page`,
    headers: { authorization: `Bearer ${textOf(third, 'token')}` },
  });
  demand(after.status === 401, 'A session goes on after a spent refresh token of it came back.');
  return `An access token lives ${Math.round(seconds / 60)} min; a spent refresh token that came back ended its session.`;
});
