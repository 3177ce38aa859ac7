import { type ProbeClient, withHeaders } from './http-client.ts';
import { demand, probe } from './probe.ts';
import { soon } from './soon.ts';
import { issued } from './wk1.ts';

const DAYS_90_MS = 90 * 86_400_000;

/** Reads a key's usage with the key itself, and looks who is reminded of a key as old as the configuration says. */
export const wk17 = probe('WK17', ['authenticate'], async ({ mirror, running, nowMs }) => {
  const remindAfterMs = running.patient.loaded?.config.keys.remindAfter ?? Infinity;
  demand(remindAfterMs <= DAYS_90_MS, `keys.remindAfter is ${Math.round(remindAfterMs / 86_400_000)} days.`);

  const admin = await mirror.signIn('admin');
  const { id, key } = await issued(admin.bearer, '/control/v1/keys', { name: 'probe', permissions: ['sg-probe:read'] });
  const holder = withHeaders(mirror.client, { 'x-api-key': key });
  for (let at = 0; at < 3; at += 1) await holder.send({ path: `${mirror.names.keyed}/page` });
  const isSeen = await soon(async () => usesOf(await usage(holder), `${mirror.names.keyed}/**`) === 3);
  demand(isSeen, 'A key that was used three times does not see that with GET /control/v1/usage.');

  const { store } = mirror.gate;
  const by = { actor: mirror.actIn('system'), nowMs: nowMs() + remindAfterMs };
  const remind = async () =>
    (await store.apiKeys.remind({ madeBeforeMs: by.nowMs - remindAfterMs }, by)).map((due) => due.id);
  demand((await remind()).includes(id), 'A key that is due for rotation is not reported.');
  demand(!(await remind()).includes(id), 'A key that is due for rotation is reported again and again.');
  const { items } = await store.audit.list(mirror.actIn('default'), { limit: 100 });
  const isWritten = items.some(({ action, subject }) => action === 'key.rotation-due' && subject === id);
  demand(isWritten, 'The audit log does not say that a key is due for rotation.');
  return `A key saw its own three uses; one that is ${Math.round(remindAfterMs / 86_400_000)} days old is reported once.`;
});

async function usage(holder: ProbeClient): Promise<unknown> {
  const { status, body } = await holder.send({ path: '/control/v1/usage' });
  return status === 200 ? JSON.parse(body) : undefined;
}

/** The contract of the operation: rows of hour, route, verdict and count. */
function usesOf(answer: unknown, route: string): number {
  if (typeof answer !== 'object' || answer === null || !('usage' in answer) || !Array.isArray(answer.usage)) return 0;
  const rows: readonly unknown[] = answer.usage;
  return rows.reduce<number>((sum, row) => sum + countOf(row, route), 0);
}

function countOf(row: unknown, route: string): number {
  if (typeof row !== 'object' || row === null || !('route' in row) || !('count' in row)) return 0;
  return row.route === route && typeof row.count === 'number' ? row.count : 0;
}
