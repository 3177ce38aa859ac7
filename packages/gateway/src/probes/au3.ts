import { forgeries, headerOf } from './forged-tokens.ts';
import { publishedKeys } from './jwks.ts';
import { demand, probe } from './probe.ts';

/** Presents a good token and forged ones, and looks at what the application is told. */
export const au3 = probe('AU3', ['authenticate'], async ({ mirror }) => {
  const session = await mirror.signIn(mirror.names.role);
  const path = `${mirror.names.open}/page`;
  const good = await session.bearer.send({ path, headers: { 'x-steadygate-user': 'somebody-else' } });
  demand(good.status === 200, `A good token was answered ${good.status}.`);
  const told = mirror.sink.last()?.headers ?? {};
  demand(told['x-steadygate-user'] === session.userId, 'The application is told of somebody else than who calls.');
  demand(told['x-steadygate-role'] === session.role, 'The application is told of another role.');
  demand(told.authorization === undefined, 'The token itself reaches the application.');
  const assertion = String(told['x-steadygate-assertion'] ?? '');
  demand(assertion !== '', 'The application gets no assertion.');

  const key = (await publishedKeys(mirror.client)).find(({ kid }) => kid === headerOf(session.token)['kid']);
  const forged = { ...forgeries(session.token, key?.x ?? ''), 'of another type': assertion };
  const client = mirror.fresh();
  const before = mirror.sink.seen();
  for (const [how, token] of Object.entries(forged)) {
    const { status } = await client.send({ path, headers: { authorization: `Bearer ${token}` } });
    demand(status === 401, `A token ${how} was answered ${status}.`);
  }
  demand(mirror.sink.seen() === before, 'A forged token reached the application.');
  return `${Object.keys(forged).length} forged tokens were refused; with a good one the application was told who calls.`;
});
