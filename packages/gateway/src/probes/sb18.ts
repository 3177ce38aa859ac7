import { demand, probe } from './probe.ts';

/** Lets the sink answer with the keys that it was sent and with every configured secret, in several forms. */
export const sb18 = probe('SB18', [], async ({ mirror, running }) => {
  const { names, sink } = mirror;
  const session = await mirror.signIn(names.role);
  const path = `${names.open}/leak`;
  await session.bearer.send({ path, headers: { [names.injected.name]: 'forged' } });
  const arrived = sink.last()?.headers[names.injected.name];
  demand(arrived === names.injected.value, 'The application did not get the key that the gate adds.');

  const configured = running.config().secrets.scrub.map((secret) => secret.reveal());
  const secrets = [names.injected.value, ...configured];
  const forms = secrets.flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64'),
    encodeURIComponent(secret),
  ]);
  for (const status of [200, 500]) {
    const leak = { status, headers: { 'x-leak': names.injected.value }, body: JSON.stringify({ forms }) };
    const answer = await sink.answering(leak, () => session.bearer.send({ path }));
    const text = `${JSON.stringify(answer.headers)}\n${answer.body}`;
    const at = forms.findIndex((form) => text.includes(form));
    demand(at < 0, `A secret (number ${Math.floor(at / 3) + 1}) came back in an answer ${status}.`);
  }
  return `A key was added on the way up; it and ${configured.length} configured secrets were removed from bodies, errors and fields.`;
});
