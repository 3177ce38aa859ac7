import { demand, probe, type Around } from './probe.ts';

/** Signed by nobody. */
const FORGED = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJzZy1wcm9iZSJ9.AAAA';
const REFUSALS: readonly number[] = [401, 403];

/**
 * Asks every target of every application directly, from this machine, without an assertion and with a forged one.
 *
 * The one probe that leaves the sink: what it tests is exactly whether that can be done.
 */
export const sb20 = probe('SB20', [], async ({ running, around }) => {
  const exposure = await around.exposure();
  demand(exposure === undefined, exposure ?? '');
  const { upstreams } = running.config();
  for (const { name, targets } of upstreams) {
    for (const { url } of targets) await demandRefusal(around, name, url);
  }
  return `${upstreams.map(({ name }) => name).join(', ')}: refused from this machine what the gate had not signed.`;
});

async function demandRefusal(around: Around, name: string, url: string): Promise<void> {
  for (const headers of [{}, { 'x-steadygate-user': 'sg-probe', 'x-steadygate-assertion': FORGED }]) {
    const status = await around.ask(url, headers);
    demand(status !== 'unreachable', `${name} does not answer at present, so nothing can be said of it.`);
    const what = 'x-steadygate-assertion' in headers ? 'with a forged assertion' : 'without an assertion';
    const { host } = new URL(url);
    demand(
      REFUSALS.includes(status),
      `${name} answers ${status} at ${host} ${what}: whoever can connect to it from this machine gets around the gate. Let it check X-Steadygate-Assertion.`,
    );
  }
}
