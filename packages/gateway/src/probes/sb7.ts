import { logIn } from './log-in.ts';
import { demand, probe } from './probe.ts';
import { demandWithin, PROMISED } from './rates.ts';

/** Guesses until the gate has had enough. */
export const sb7 = probe('SB7', ['authenticate'], async ({ mirror, running }) => {
  const { credentials } = running.patient.loaded?.config.limits ?? {};
  demand(credentials !== undefined, 'There is no configuration to look at.');
  demandWithin(credentials, PROMISED.credentials, 'limits.credentials');
  const client = mirror.fresh();
  const { amount } = credentials.rate;
  let answer = await logIn(client, 'SB-ADMIN-ZZZZZZZZ');
  let guesses = 1;
  while (answer.status === 401 && guesses <= amount + 1) {
    answer = await logIn(client, 'SB-ADMIN-ZZZZZZZZ');
    guesses += 1;
  }
  demand(
    answer.status === 429,
    `${guesses} wrong codes from one address were judged; the limit is ${credentials.text}.`,
  );
  demand(answer.headers['retry-after'] !== undefined, 'A refusal does not say when to retry.');
  const token = await client.send({
    path: `${mirror.names.open}/page`,
    headers: { authorization: 'Bearer aaaa.bbbb.cccc' },
  });
  demand(token.status === 429, `After them, a forged token from there was answered ${token.status}.`);
  return `After ${guesses - 1} wrong codes an address is told to wait, for tokens and codes alike.`;
});
