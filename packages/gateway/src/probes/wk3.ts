import { type ProbeClient, textOf, withHeaders } from './http-client.ts';
import { demand, probe } from './probe.ts';
import { issued } from './wk1.ts';

const PROMISED = { amount: 10, perMs: 60_000 };

/** Violates as a key and as an address until both are blocked, and looks at who else is. */
export const wk3 = probe('WK3', ['block.address', 'block.caller'], async ({ mirror, running }) => {
  const { blocks } = running.patient.loaded?.config ?? {};
  demand(blocks !== undefined, 'There is no configuration to look at.');
  const { rate, text } = blocks.violations;
  demand(blocks.mode === 'enforce', `blocks.mode is ${blocks.mode}.`);
  const isWithin = rate.amount <= PROMISED.amount && rate.perMs >= PROMISED.perMs;
  demand(isWithin, `blocks.violations is ${text}: more than 10 within a minute pass.`);

  const admin = await mirror.signIn('admin');
  const order = { name: 'probe', permissions: ['sg-probe:read'] };
  const [bad, good] = [await issued(admin.bearer, KEYS, order), await issued(admin.bearer, KEYS, order)];
  const paths = { sensitive: `${mirror.names.keyed}/.env`, harmless: `${mirror.names.keyed}/page` };
  const from = mirror.fresh();
  const as = (key: string): ProbeClient => withHeaders(from, { 'x-api-key': key });

  await violate(as(bad.key), paths.sensitive, rate.amount);
  demand(await isBlocked(as(bad.key), paths.harmless), `A key is not blocked after ${text} violations.`);
  const other = await as(good.key).send({ path: paths.harmless });
  demand(other.status === 200, `Another key from the same address was answered ${other.status}.`);

  await violate(from, paths.sensitive, rate.amount);
  demand(await isBlocked(from, paths.harmless), `An address is not blocked after ${text} violations.`);
  const session = await mirror.signIn(mirror.names.role);
  const known = await withHeaders(from, session.bearerHeaders).send({ path: `${mirror.names.open}/page` });
  demand(known.status === 200, `A good session from a blocked address was answered ${known.status}.`);

  const elsewhere = mirror.fresh();
  const asImage = withHeaders(elsewhere, { 'sec-fetch-site': 'cross-site' });
  await violate(asImage, paths.sensitive, rate.amount * 2);
  const isVictim = await isBlocked(elsewhere, paths.harmless);
  demand(!isVictim, 'What another site’s page makes a browser ask for blocks its address.');
  return `After ${rate.amount} violations a key was blocked, and what an address sends without a credential; nobody else was.`;
});

const KEYS = '/control/v1/keys';

async function violate(client: ProbeClient, path: string, times: number): Promise<void> {
  for (let at = 0; at < times; at += 1) await client.send({ path });
}

async function isBlocked(client: ProbeClient, path: string): Promise<boolean> {
  return textOf(await client.send({ path }), 'code') === 'blocked';
}
