import { demand, probe } from './probe.ts';

const CLAIMED = '198.51.100.250';
const LISTED_MAX = 5;

/** Calls from a denied address, openly and with a claim to be somebody else. */
export const wk14 = probe('WK14', ['address'], async ({ mirror, running }) => {
  const { deniedAddress } = mirror.names;
  const path = '/health/live';
  demand((await mirror.client.send({ path })).status === 200, 'An address that is not denied is refused.');
  const denied = await mirror.from(deniedAddress).send({ path });
  demand(denied.status === 403, `A denied address was answered ${denied.status}.`);
  const claiming = await mirror.from(`${CLAIMED}, ${deniedAddress}`).send({ path });
  demand(claiming.status === 403, `A denied address that claims to be another was answered ${claiming.status}.`);
  const { allow, deny } = running.patient.loaded?.config.guards.addresses ?? { allow: [], deny: [] };
  for (const range of deny.slice(0, LISTED_MAX)) {
    const { status } = await mirror.from(range.split('/', 1)[0] ?? '').send({ path });
    demand(status === 403, `An address of the denied range ${range} was answered ${status}.`);
  }
  const everyone = running.findings().find(({ code }) => code === 'proxies-everyone');
  demand(everyone === undefined, `${everyone?.path ?? ''}: ${everyone?.message ?? ''}`);
  return `A denied address is refused, whoever it claims to be. Configured: ${allow.length} allowed and ${deny.length} denied ranges.`;
});
