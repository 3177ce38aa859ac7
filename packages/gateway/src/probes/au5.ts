import { type ProbeHeaders } from './http-client.ts';
import { demand, probe } from './probe.ts';

/** Invites somebody with an administrator's cookies: without the token, with another session's, and with its own. */
export const au5 = probe('AU5', ['csrf'], async ({ mirror }) => {
  const admin = await mirror.signIn('admin');
  const other = await mirror.signIn('admin');
  const invite = async (headers: ProbeHeaders): Promise<number> => {
    const all = { 'content-type': 'application/json', origin: mirror.origin, ...headers };
    const body = JSON.stringify({ role: 'viewer' });
    return (await admin.cookies.send({ method: 'POST', path: '/control/v1/invites', headers: all, body })).status;
  };
  const wrong: Readonly<Record<string, ProbeHeaders>> = {
    'no token': {},
    'an empty token': { 'x-csrf-token': '' },
    "another session's token": { 'x-csrf-token': other.csrfToken },
    'its token from a foreign page': { 'x-csrf-token': admin.csrfToken, origin: 'https://sg-probe.invalid' },
  };
  for (const [what, headers] of Object.entries(wrong)) {
    const status = await invite(headers);
    demand(status === 403, `A change with ${what} was answered ${status}.`);
  }
  const own = await invite({ 'x-csrf-token': admin.csrfToken });
  demand(own === 201, `A change with its own token was answered ${own}.`);
  return `${Object.keys(wrong).length} changes without the session's own token were refused; one with it passed.`;
});
