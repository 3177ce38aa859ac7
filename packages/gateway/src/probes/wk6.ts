import { demandNoCors } from './cors-fields.ts';
import { demand, probe } from './probe.ts';

const LISTED_MAX = 3;

/** Asks as pages whose origins look like listed ones, or like the gate's own. */
export const wk6 = probe('WK6', ['cors'], async ({ mirror, real, running }) => {
  const { loaded } = running.patient;
  const open = running.findings().find(({ code }) => code === 'cors-open');
  demand(open === undefined, `${open?.path ?? ''}: ${open?.message ?? ''}`);
  const listed = loaded?.config.guards.cors.origins.filter((origin) => origin.startsWith('http')) ?? [];
  const models = listed.length === 0 ? [mirror.origin] : listed.slice(0, LISTED_MAX);
  const alike = ['null', '*', ...models.flatMap(lookAlikes)].filter((origin) => !listed.includes(origin));
  const session = await mirror.signIn(mirror.names.role);
  for (const origin of alike) await demandNoCors(session.bearer, `${mirror.names.open}/page`, origin);
  await demandNoCors(real, '/health/live', 'null');
  return `${alike.length} look-alikes got no leave to read.`;
});

function lookAlikes(origin: string): readonly string[] {
  const { protocol, hostname, port } = new URL(origin);
  const otherScheme = protocol === 'https:' ? 'http:' : 'https:';
  const authority = port === '' ? hostname : `${hostname}:${port}`;
  return [
    `${otherScheme}//${authority}`,
    `${protocol}//${hostname}:${port === '444' ? '445' : '444'}`,
    `${protocol}//${hostname}.sg-probe.invalid`,
    `${protocol}//sg-probe.${authority}`,
    `${protocol}//sg-probe${authority}`,
    `${origin}/`,
  ];
}
