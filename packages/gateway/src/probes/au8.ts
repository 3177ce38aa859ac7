import { demand, probe } from './probe.ts';

const REVOKE_MS_MAX = 1_000;

/** Has an administrator revoke a session, and uses its token again. */
export const au8 = probe('AU8', ['authenticate'], async ({ mirror, nowMs }) => {
  const session = await mirror.signIn(mirror.names.role);
  const admin = await mirror.signIn('admin');
  const use = async (): Promise<number> => (await session.bearer.send({ path: `${mirror.names.open}/page` })).status;
  demand((await use()) === 200, 'A session does not hold at all.');
  const startedMs = nowMs();
  const path = `/control/v1/sessions/${session.sessionId}`;
  const revoked = await admin.bearer.send({ method: 'DELETE', path });
  demand(revoked.status === 200, `Revoking a session was answered ${revoked.status}.`);
  const status = await use();
  demand(status === 401, `The token of a revoked session was answered ${status}.`);
  const renewed = await session.cookies.send({ path: `${mirror.names.open}/page` });
  demand(renewed.status === 401, `The cookies of a revoked session were answered ${renewed.status}.`);
  const ms = nowMs() - startedMs;
  demand(ms <= REVOKE_MS_MAX, `Revocation took ${ms} ms.`);
  return `A token with minutes left was refused ${ms} ms after its session was revoked.`;
});
