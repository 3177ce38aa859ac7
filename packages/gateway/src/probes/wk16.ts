import { jsonOf } from './http-client.ts';
import { logIn } from './log-in.ts';
import { demand, probe } from './probe.ts';

/** Writes credentials and control characters wherever the log might pick them up, and reads it. */
export const wk16 = probe('WK16', [], async ({ mirror }) => {
  const session = await mirror.signIn('admin');
  const code = await mirror.invite('viewer');
  let id = '';
  const lines = await mirror.logged(async () => {
    const forging = `%0A%7B%22level%22:%22fatal%22%7D?token=${session.token}`;
    const answer = await session.bearer.send({ path: `${mirror.names.open}/${forging}` });
    id = String(answer.headers['x-request-id'] ?? '');
    await session.bearer.send({ path: `${mirror.names.open}/${session.token}` });
    await session.cookies.send({ path: `${mirror.names.open}/${code}` });
    await logIn(mirror.fresh(), code);
  });
  demand(lines.length > 0, 'Requests leave no line in the log.');
  demand(
    lines.every((line) => !line.trimEnd().includes('\n') && isObject(line)),
    'A line of the log is not one JSON object.',
  );
  demand(id !== '' && lines.some((line) => line.includes(id)), 'A request cannot be found in the log by its id.');
  const text = lines.join('');
  const secrets = { 'access token': session.token, 'refresh token': session.refreshToken, 'invite code': code };
  for (const [what, secret] of Object.entries(secrets)) demand(!text.includes(secret), `The log holds an ${what}.`);
  return `${lines.length} lines, each one JSON object, found by request id, without token or code.`;
});

function isObject(line: string): boolean {
  const value = jsonOf({ body: line });
  return typeof value === 'object' && value !== null;
}
