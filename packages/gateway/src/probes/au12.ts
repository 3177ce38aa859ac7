import { logIn } from './log-in.ts';
import { demand, probe } from './probe.ts';
import { pace } from './rates.ts';

/** Counts how many wrong codes an address may try, and asks how many requests a person may make. */
export const au12 = probe('AU12', ['limit.principal'], async ({ mirror, running }) => {
  const { credentials, general } = running.patient.loaded?.config.limits ?? {};
  demand(credentials !== undefined && general !== undefined, 'There is no configuration to look at.');
  const isStricter = pace(credentials.rate) < pace(general.rate) && credentials.rate.amount < general.rate.amount;
  demand(isStricter, `Credentials are limited to ${credentials.text}, everything else to ${general.text}.`);
  const session = await mirror.signIn(mirror.names.role);
  const { headers } = await session.bearer.send({ path: `${mirror.names.open}/page` });
  const quota = Number(/;q=(\d+)/.exec(String(headers['ratelimit-policy'] ?? ''))?.[1] ?? 0);
  const client = mirror.fresh();
  let judged = 0;
  while (judged < quota && (await logIn(client, 'SB-VIEW-ZZZZZZZZ')).status === 401) judged += 1;
  demand(judged < quota, `${judged} wrong codes were judged, no fewer than the ${quota} requests of a person.`);
  return `${judged} wrong codes against ${quota} requests.`;
});
