import { demand, probe, type ProbeContext } from './probe.ts';
import type { ProbeClient } from './http-client.ts';
import { guardedRoutes, type RouteSample } from './routes.ts';

const REAL_MAX = 12;

/** Asks every guarded route without a credential, on the mirror all of them and on the real listener some. */
export const sb1 = probe('SB1', ['authenticate'], async ({ mirror, real, running }: ProbeContext) => {
  const before = mirror.sink.seen();
  const mirrored = guardedRoutes(mirror.gate.runtime.current());
  for (const sample of mirrored) await demandRefusal(mirror.client, sample);
  demand(mirror.sink.seen() === before, 'A request without a credential reached the application.');
  const served = guardedRoutes(running.generation());
  const names = new Set(mirrored.map(({ row }) => `${row.methods} ${row.path}`));
  const missing = served.find(({ row }) => !names.has(`${row.methods} ${row.path}`));
  demand(missing === undefined, `Route ${missing?.row.path ?? ''} could not be tried.`);
  // What is counted per address would spend the budget of somebody who calls from here.
  const asked = served.filter(({ row }) => !row.guards.includes('limit.address')).slice(0, REAL_MAX);
  for (const sample of asked) await demandRefusal(real, sample);
  const open = running
    .generation()
    .table.rows()
    .filter(({ access, upstream }) => access === 'public' && upstream !== '-');
  const opened = open.length === 0 ? 'No route is open' : `Open by name: ${open.map(({ path }) => path).join(', ')}`;
  return `${served.length} guarded routes refuse a request without a credential. ${opened}.`;
});

async function demandRefusal(client: ProbeClient, { method, path }: RouteSample): Promise<void> {
  const { status } = await client.send({ method, path });
  demand(status === 401, `${method} ${path} answered ${status} to a request without a credential.`);
}
