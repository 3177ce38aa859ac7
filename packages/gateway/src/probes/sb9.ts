import type { ProbeAnswer } from './http-client.ts';
import { demand, probe } from './probe.ts';

const EXACT: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
const POLICY_PARTS = ['object-src', 'base-uri', 'frame-ancestors'];
const YEAR_SECONDS = 31_536_000;

/** Looks at answers of every kind: good, refused, unknown, and of an application that sets none or bad ones. */
export const sb9 = probe('SB9', [], async ({ mirror, real }) => {
  const session = await mirror.signIn(mirror.names.role);
  const page = { path: `${mirror.names.open}/page` };
  const loose = {
    headers: { 'x-frame-options': 'ALLOWALL', 'x-content-type-options': '', 'referrer-policy': 'unsafe-url' },
  };
  const answers: Readonly<Record<string, ProbeAnswer>> = {
    'The health page': await real.send({ path: '/health/live' }),
    'A refusal': await real.send({ path: '/auth/session' }),
    'An unknown page': await real.send({ path: '/trust/sg-probe' }),
    'A malformed request': await real.send({ path: '/%zz' }),
    'An answer of the application': await session.bearer.send(page),
    'An application that loosens them': await mirror.sink.answering(loose, () => session.bearer.send(page)),
  };
  for (const [what, answer] of Object.entries(answers)) demandHeaders(what, answer);
  const secure = await mirror.client.send({ path: '/health/live', headers: { 'x-forwarded-proto': 'https' } });
  const hsts = secure.headers['strict-transport-security'] ?? '';
  const seconds = Number(/^max-age=(\d+)/.exec(hsts)?.[1] ?? 0);
  demand(seconds >= YEAR_SECONDS, `Over HTTPS, Strict-Transport-Security is "${hsts}".`);
  return `${Object.keys(answers).length} kinds of answers carry all of them; over HTTPS browsers are told to stay there for ${Math.round(seconds / 86_400)} days.`;
});

function demandHeaders(what: string, { headers }: ProbeAnswer): void {
  for (const [name, value] of Object.entries(EXACT)) {
    demand(headers[name] === value, `${what} has "${String(headers[name] ?? '')}" in ${name}.`);
  }
  const policy = headers['content-security-policy'] ?? '';
  for (const part of POLICY_PARTS) {
    demand(String(policy).includes(part), `The content security policy of ${what.toLowerCase()} has no ${part}.`);
  }
  demand((headers['permissions-policy'] ?? '') !== '', `${what} has no permissions policy.`);
}
