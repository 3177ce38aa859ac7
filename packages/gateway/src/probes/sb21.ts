import { textOf } from './http-client.ts';
import { demand, probe } from './probe.ts';

const STORAGE = /\b(?:localStorage|sessionStorage|indexedDB|document\.cookie)\b/;

/** Logs in as a browser does, and reads the script of the log-in page. */
export const sb21 = probe('SB21', [], async ({ mirror }) => {
  const inviteCode = await mirror.invite(mirror.names.role);
  const headers = { 'content-type': 'application/json', origin: mirror.origin };
  const login = { method: 'POST', path: '/auth/login', headers };
  const asked = await mirror.client.send({ ...login, body: JSON.stringify({ inviteCode, tokenDelivery: 'body' }) });
  demand(asked.status === 403, `A page that asks for tokens in a body was answered ${asked.status}.`);
  const answer = await mirror.client.send({ ...login, body: JSON.stringify({ inviteCode }) });
  demand(answer.status === 200, `A log-in was answered ${answer.status}.`);
  demand(textOf(answer, 'token') === '' && textOf(answer, 'refreshToken') === '', 'A browser gets a token in a body.');
  const values = answer.cookies.map((cookie) => /^[^=]+=([^;]*)/.exec(cookie)?.[1] ?? '');
  demand(values.length === 2 && !values.some((value) => answer.body.includes(value)), 'A body repeats a cookie.');
  demand(
    answer.cookies.every((cookie) => /;\s*HttpOnly/i.test(cookie)),
    'Scripts can read a cookie with a token.',
  );
  const script = await mirror.client.send({ path: '/auth/login.js' });
  demand(script.status === 200 && !STORAGE.test(script.body), 'The log-in page touches browser storage.');
  return 'Tokens came in HttpOnly cookies alone, a page could not ask for others, and the log-in page uses no storage.';
});
