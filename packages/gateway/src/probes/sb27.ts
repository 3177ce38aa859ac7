import { jsonOf } from './http-client.ts';
import { demand, probe } from './probe.ts';

/** Asks the listener as a supervisor does, and for more than it should say. */
export const sb27 = probe('SB27', [], async ({ real }) => {
  for (const path of ['/health/live', '/health/ready']) {
    const answer = await real.send({ path });
    demand(answer.status === 200, `${path} was answered ${answer.status}.`);
    demand(JSON.stringify(jsonOf(answer)) === '{"status":"ok"}', `${path} says more than a status.`);
  }
  for (const path of ['/metrics', '/health', '/health/sg-probe']) {
    const { status } = await real.send({ path });
    demand(status === 401 || status === 403 || status === 404, `${path} was answered ${status} without a credential.`);
  }
  return 'Live and ready, and no word more.';
});
