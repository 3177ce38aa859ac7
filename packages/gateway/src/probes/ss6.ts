import { type ProbeClient, withHeaders } from './http-client.ts';
import type { Mirror } from './mirror.ts';
import { demand, probe } from './probe.ts';
import { soon } from './soon.ts';
import { issued } from './wk1.ts';

const KEYS = '/control/v1/keys';

/** Tries keys of the wrong environment and spent ones, and uses a key from another network. */
export const ss6 = probe('SS6', ['authenticate'], async ({ mirror, running }) => {
  const mode = running.patient.loaded?.config.keys.anomalies.mode;
  demand(mode === 'alert', `keys.anomalies.mode is ${mode ?? 'unknown'}.`);
  const admin = await mirror.signIn('admin');
  const order = { name: 'probe', permissions: ['sg-probe:read'] };
  const path = `${mirror.names.keyed}/page`;
  const use = async (key: string, client: ProbeClient = mirror.client): Promise<number> =>
    (await withHeaders(client, { 'x-api-key': key }).send({ path })).status;

  const test = await issued(admin.bearer, KEYS, { ...order, environment: 'test' });
  const live = await issued(admin.bearer, KEYS, order);
  demand((await use(live.key)) === 200, 'A live key was refused.');
  const passed = await use(test.key);
  demand(passed === 401, `A test key where only live ones are taken was answered ${passed}.`);

  const next = await issued(admin.bearer, `${KEYS}/${live.id}/rotate`, { overlapSeconds: 0 });
  demand((await use(next.key)) === 200, 'The successor of a key was refused.');
  const spent = await use(live.key);
  demand(spent === 401, `A key that was rotated without an overlap was answered ${spent}.`);

  const elsewhere = mirror.elsewhere();
  if (elsewhere === undefined)
    return 'Environments and rotation hold; the address lists leave no second network to call from.';
  demand(
    (await use(next.key, elsewhere)) === 200,
    'A key was refused from another network, though it is bound to none.',
  );
  const isTold = await soon(async () => wasTold(mirror, next.id));
  demand(isTold, 'A key that was used from another network raised no alert.');
  return 'A test key and a spent one were refused; the first request from another network raised an alert.';
});

async function wasTold({ gate, actIn }: Mirror, keyId: string): Promise<boolean> {
  const { items } = await gate.store.audit.list(actIn('default'), { limit: 100 });
  return items.some(({ action, subject }) => action === 'key.unusual' && subject === keyId);
}
