import { type ProbeClient, textOf, withHeaders } from './http-client.ts';
import { post } from './log-in.ts';
import { demand, probe } from './probe.ts';

/** Issues a key, uses, rotates and revokes it, and presents what only looks like one. */
export const wk1 = probe('WK1', ['authenticate'], async ({ mirror }) => {
  const admin = await mirror.signIn('admin');
  const path = `${mirror.names.keyed}/page`;
  const use = async (key: string, client = mirror.client): Promise<number> =>
    (await withHeaders(client, { 'x-api-key': key }).send({ path })).status;

  const first = await issued(admin.bearer, '/control/v1/keys', { name: 'probe', permissions: ['sg-probe:read'] });
  demand((await use(first.key)) === 200, 'A good key was refused.');
  const told = mirror.sink.last()?.headers ?? {};
  demand(
    told['x-steadygate-user'] === first.userId,
    'The application is told of somebody else than the key’s account.',
  );
  demand(told['x-steadygate-tenant'] === 'default', 'The application is told of another tenant.');
  demand(!JSON.stringify(told).includes(first.key), 'The key itself reaches the application.');

  const before = mirror.sink.seen();
  const forged = [
    `${first.key.slice(0, -1)}${first.key.endsWith('0') ? '1' : '0'}`,
    `${first.key}0`,
    first.key.slice(0, -6),
  ];
  const client = mirror.fresh();
  for (const key of forged) demand((await use(key, client)) === 401, 'A key that was never issued was let in.');
  const bySession = await admin.bearer.send({ path });
  demand(bySession.status === 401, `A session on a route for keys was answered ${bySession.status}.`);
  demand(mirror.sink.seen() === before, 'A request without a good key reached the application.');

  const rotation = (id: string) => `/control/v1/keys/${id}/rotate`;
  const second = await issued(admin.bearer, rotation(first.id), { overlapSeconds: 60 });
  demand((await use(first.key)) === 200 && (await use(second.key)) === 200, 'A rotation has no overlap.');
  const third = await issued(admin.bearer, rotation(second.id), { overlapSeconds: 0 });
  demand((await use(second.key)) === 401, 'A key that was rotated without an overlap is let in.');
  demand(third.userId === first.userId, 'A rotation changes the owner.');
  await admin.bearer.send({ method: 'DELETE', path: `/control/v1/keys/${third.id}` });
  demand((await use(third.key)) === 401, 'A revoked key is let in.');
  return 'A key was let in, rotated with and without an overlap, and revoked; keys that nobody issued were refused.';
});

/** Asks for a key. @throws Disproof when none is issued */
export async function issued(
  admin: ProbeClient,
  path: string,
  body: object,
): Promise<{ readonly id: string; readonly key: string; readonly userId: string }> {
  const answer = await post(admin, path, body);
  demand(answer.status === 201, `An administrator who asks for a key was answered ${answer.status}.`);
  return { id: textOf(answer, 'id'), key: textOf(answer, 'key'), userId: textOf(answer, 'userId') };
}
