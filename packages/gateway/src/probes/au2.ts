import { demand, probe } from './probe.ts';

/** Logs in as a browser does, and reads the cookies. */
export const au2 = probe('AU2', [], async ({ mirror, running }) => {
  const { environment } = running.config();
  const inviteCode = await mirror.invite(mirror.names.role);
  const headers = { 'content-type': 'application/json', origin: mirror.origin, 'sec-fetch-site': 'same-origin' };
  const answer = await mirror.client.send({
    method: 'POST',
    path: '/auth/login',
    headers,
    body: JSON.stringify({ inviteCode }),
  });
  demand(answer.status === 200, `A log-in was answered ${answer.status}.`);
  demand(answer.cookies.length === 2, `A log-in sets ${answer.cookies.length} cookies.`);
  for (const cookie of answer.cookies) demandAttributes(cookie, environment);
  const form = await mirror.client.send({
    method: 'POST',
    path: '/auth/login',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: `inviteCode=${inviteCode}`,
  });
  demand(form.status >= 400, `A log-in by a form was answered ${form.status}.`);
  const kind =
    environment === 'production' ? '__Host-, Secure, ' : 'without Secure, as development on loopback may be, ';
  return `Both cookies: ${kind}HttpOnly, SameSite=Strict, for the whole host and no other.`;
});

function demandAttributes(cookie: string, environment: 'development' | 'production'): void {
  const [pair = '', ...rest] = cookie.split(';').map((part) => part.trim());
  const [name = ''] = pair.split('=', 1);
  const has = (attribute: string): boolean => rest.some((part) => part.toLowerCase() === attribute.toLowerCase());
  for (const attribute of ['HttpOnly', 'SameSite=Strict', 'Path=/']) {
    demand(has(attribute), `Cookie ${name} is set without ${attribute}.`);
  }
  demand(!rest.some((part) => /^domain=/i.test(part)), `Cookie ${name} is set for other hosts, too.`);
  if (environment === 'development') return;
  demand(has('Secure') && name.startsWith('__Host-'), `Cookie ${name} could be set or read without TLS.`);
}
