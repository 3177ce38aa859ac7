import type { ProbeClient } from './http-client.ts';
import { demand, probe } from './probe.ts';

const PATHS = [
  '/.git/config',
  '/.env',
  '/.env.production',
  '/backup.sql',
  '/config.yaml.bak',
  '/id_rsa',
  '/server.key',
  '/.GIT/config',
  '/%2egit/config',
  '/%252egit/config',
  '/.git;a=b/config',
  '/a/../.env',
  '/.env%00.txt',
];
const REFUSALS: readonly number[] = [400, 403, 404];

/** Asks for what deployments leave lying about, in many spellings, with a session that may read everything. */
export const sb14 = probe('SB14', ['sensitive-path'], async ({ mirror, real, running }) => {
  const admin = await mirror.signIn('admin');
  const before = mirror.sink.seen();
  for (const path of PATHS) await demandRefusal(admin.bearer, `${mirror.names.open}${path}`);
  const configured = running.patient.loaded?.config.guards.sensitivePaths ?? [];
  for (const path of configured) await demandRefusal(admin.bearer, path.replaceAll('*', 'sg-probe'));
  demand(mirror.sink.seen() === before, 'A sensitive path reached the application.');
  for (const path of PATHS.slice(0, 3)) await demandRefusal(real, path);
  return `${PATHS.length + configured.length} paths are refused, whoever asks.`;
});

async function demandRefusal(client: ProbeClient, path: string): Promise<void> {
  const { status } = await client.send({ path });
  demand(REFUSALS.includes(status), `${path} was answered ${status}.`);
}
