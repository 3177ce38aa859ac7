import type { ProbeHeaders } from './http-client.ts';
import { demand, probe } from './probe.ts';

const FROM_ELSEWHERE: Readonly<Record<string, ProbeHeaders>> = {
  'another origin': { origin: 'https://sg-probe.invalid' },
  'no origin': { origin: 'null' },
  'another site': { 'sec-fetch-site': 'cross-site' },
  'a sibling site': { 'sec-fetch-site': 'same-site' },
  nowhere: {},
};

/** Sends changes with a session's cookies as other sites would make a browser send them. */
export const sb22 = probe('SB22', ['csrf'], async ({ mirror }) => {
  const session = await mirror.signIn(mirror.names.role);
  const before = mirror.sink.seen();
  for (const [where, headers] of Object.entries(FROM_ELSEWHERE)) {
    for (const method of ['POST', 'DELETE']) {
      const { status } = await session.cookies.send({ method, path: `${mirror.names.open}/thing`, headers });
      demand(status === 403, `${method} with cookies, sent from ${where}, was answered ${status}.`);
    }
  }
  demand(mirror.sink.seen() === before, 'A forged change reached the application.');
  const own = await session.cookies.send({
    method: 'POST',
    path: `${mirror.names.open}/thing`,
    headers: { origin: mirror.origin },
  });
  demand(own.status === 200, `A change from an own page was answered ${own.status}.`);
  return `Changes from ${Object.keys(FROM_ELSEWHERE).length} foreign places were refused; one from an own page passed.`;
});
