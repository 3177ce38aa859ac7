import { PROMETHEUS } from '../metrics/exposition.ts';
import type { Mirror } from './mirror.ts';
import { demand, probe } from './probe.ts';

/** Reads metrics as those who may not, and looks what they tell of a request. */
export const sb26 = probe('SB26', ['permission'], async ({ real, mirror }) => {
  const viewer = await mirror.signIn('viewer');
  const admin = await mirror.signIn('admin');
  const askers = [
    ['the listener, without a credential', real, {}],
    ['a viewer', mirror.client, viewer.bearerHeaders],
    ['an administrator of a tenant', mirror.client, admin.bearerHeaders],
  ] as const;
  for (const [who, client, headers] of askers) {
    const { status, body } = await client.send({ path: '/metrics', headers });
    demand([401, 403, 404].includes(status) && !body.includes('_total'), `Metrics were answered ${status}: ${who}.`);
  }
  const before = counted(mirror);
  const path = `${mirror.names.open}/sg-counted-object`;
  const answers = await Promise.all([viewer.bearer.send({ path }), mirror.client.send({ path })]);
  demand(
    answers[0].status === 200 && answers[1].status === 401,
    'The requests that were to be counted went otherwise.',
  );
  demand(await grewTo(mirror, before + 2), 'Requests were not counted.');
  const text = PROMETHEUS.write(mirror.gate.metrics.read());
  const said = [viewer.userId, viewer.sessionId, viewer.token, admin.userId, 'sg-counted-object'];
  demand(!said.some((one) => text.includes(one)), 'Metrics name a person, a session or an object.');
  return 'Counted by route and guard, without names, and shown to nobody without the permission.';
});

/** A request is counted when its answer has ended, which its caller may notice earlier. */
async function grewTo(mirror: Mirror, count: number): Promise<boolean> {
  for (let tries = 0; tries < 40 && counted(mirror) < count; tries += 1) {
    await new Promise((resolve) => void setTimeout(resolve, 25));
  }
  return counted(mirror) >= count;
}

/** All requests that the mirror has counted. */
function counted({ gate }: Mirror): number {
  const requests = gate.metrics.read().find(({ metric }) => metric.name === 'steadygate_requests_total');
  return (requests?.samples ?? []).reduce((sum, { value }) => sum + value, 0);
}
