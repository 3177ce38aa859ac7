import { toKeys } from '../config/to-keys.ts';
import { withHeaders } from './http-client.ts';
import { demand, probe } from './probe.ts';
import { pace, PROMISED } from './rates.ts';
import { issued } from './wk1.ts';

const AT_ONCE = 25;
/** While the probe runs, some of the budget comes back: a slow machine may take a second. */
const REFILL = 11;

/** Spends the budget of a key, and looks at what the refusal says. */
export const wk2 = probe('WK2', ['limit.key'], async ({ mirror, running }) => {
  const { loaded } = running.patient;
  demand(loaded !== undefined, 'There is no configuration to look at.');
  const { rate, text, config } = toKeys(loaded.config).limit;
  const isWithin = rate.amount <= PROMISED.key.amount && pace(rate) <= pace(PROMISED.key);
  demand(isWithin, `${config} is ${text}: more than 10 a second.`);

  const admin = await mirror.signIn('admin');
  const { key } = await issued(admin.bearer, '/control/v1/keys', { name: 'probe', permissions: ['sg-probe:read'] });
  const client = withHeaders(mirror.client, { 'x-api-key': key });
  const before = mirror.sink.seen();
  const asked = Array.from({ length: AT_ONCE }, () => client.send({ path: `${mirror.names.keyed}/often` }));
  const answers = await Promise.all(asked);
  const refused = answers.find(({ status }) => status === 429);
  demand(refused !== undefined, `${AT_ONCE} requests at once were answered; the limit is ${text}.`);
  const passed = mirror.sink.seen() - before;
  demand(passed <= rate.amount + REFILL, `${passed} requests reached the application; the limit is ${text}.`);
  demand(refused.body.includes('"name":"key"'), 'A refusal does not name the limit of keys.');
  demand(refused.headers['retry-after'] !== undefined, 'A refusal does not say when to come back.');
  return `${passed} of ${AT_ONCE} requests of one key passed; the others were told to come back.`;
});
