import { jsonOf, type ProbeAnswer } from './http-client.ts';
import { demand, probe } from './probe.ts';

const MEMBERS: readonly string[] = ['type', 'title', 'status', 'code', 'detail', 'requestId', 'limit', 'errors'];
const INTERNALS =
  /\bat \S+:\d+|node_modules|node:internal|\.ts\b|sqlite|fastify|undici|ECONN|EPIPE|127\.0\.0\.1|Error:/i;
const TALKATIVE = ['server', 'x-powered-by', 'via'];

/** Provokes errors on both sides of the gate and reads what they say. */
export const wk10 = probe('WK10', [], async ({ mirror, real }) => {
  const session = await mirror.signIn('admin');
  const path = `${mirror.names.open}/page`;
  const json = { 'content-type': 'application/json' };
  const answers: Readonly<Record<string, ProbeAnswer>> = {
    'A malformed request': await real.send({ path: '/%zz' }),
    'An unknown page': await real.send({ path: '/control/v1/sg-probe' }),
    'A refusal': await real.send({ path: '/auth/session' }),
    'A broken application': await mirror.sink.answering({ breaks: true }, () => session.bearer.send({ path })),
    'A broken body': await session.bearer.send({
      method: 'POST',
      path: '/control/v1/invites',
      headers: json,
      body: '{"role":',
    }),
    'A wrong type': await session.bearer.send({
      method: 'POST',
      path: '/control/v1/invites',
      headers: json,
      body: '{"role":7}',
    }),
  };
  for (const [what, answer] of Object.entries(answers)) demandProblem(what, answer);
  return `${Object.keys(answers).length} provoked errors were answered with a code, a sentence and a request id.`;
});

function demandProblem(what: string, answer: ProbeAnswer): void {
  const { status, headers, body } = answer;
  demand(status >= 400, `${what} was answered ${status}.`);
  demand(
    headers['content-type']?.startsWith('application/problem+json') === true,
    `${what} is answered with no problem document.`,
  );
  const members = Object.keys(jsonOf(answer) ?? {});
  const further = members.find((member) => !MEMBERS.includes(member));
  demand(further === undefined, `${what} tells "${further ?? ''}".`);
  demand(!INTERNALS.test(body), `${what} tells what runs behind the gate.`);
  const field = TALKATIVE.find((name) => headers[name] !== undefined);
  demand(field === undefined, `${what} carries ${field ?? ''}.`);
}
