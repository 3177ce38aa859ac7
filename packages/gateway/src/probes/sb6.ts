import { demand, probe } from './probe.ts';
import type { ProbeAnswer } from './http-client.ts';
import { demandWithin, PROMISED } from './rates.ts';

/** While the probe runs, a little of the budget comes back. */
const REFILL = 10;
const AT_ONCE = 25;

/** Spends a whole budget, and asks once more. */
export const sb6 = probe('SB6', ['limit.principal', 'limit.address'], async ({ mirror, running }) => {
  const { general } = running.patient.loaded?.config.limits ?? {};
  demand(general !== undefined, 'There is no configuration to look at.');
  demandWithin(general, PROMISED.general, 'limits.general');
  const session = await mirror.signIn(mirror.names.role);
  const before = mirror.sink.seen();
  const { amount } = general.rate;
  const answers: ProbeAnswer[] = [];
  while (answers.length < amount + REFILL && !answers.some(({ status }) => status === 429)) {
    const some = Array.from({ length: AT_ONCE }, () => session.bearer.send({ path: `${mirror.names.open}/often` }));
    answers.push(...(await Promise.all(some)));
  }
  const refused = answers.find(({ status }) => status === 429);
  demand(refused !== undefined, `${answers.length} requests at once were answered; the limit is ${general.text}.`);
  const passed = mirror.sink.seen() - before;
  demand(passed <= amount + REFILL, `${passed} requests reached the application; the limit is ${general.text}.`);
  for (const name of ['retry-after', 'ratelimit', 'ratelimit-policy']) {
    demand(refused.headers[name] !== undefined, `A refusal says nothing in ${name}.`);
  }
  return `${passed} requests passed, the next was told to retry after ${refused.headers['retry-after'] ?? ''} s.`;
});
