import { demand, probe } from './probe.ts';

const DAY_MS = 86_400_000;
/** Far beyond any idle limit. */
const NEVER_IDLE_MS = 10 * 365 * DAY_MS;

/** Lets sessions of the mirror grow old, and looks whether they still hold. */
export const sb2 = probe('SB2', ['authenticate'], async ({ mirror, running }) => {
  const { absoluteMs, idleMs } = running.config().sessions;
  demand(absoluteMs <= DAY_MS, `A session may live ${absoluteMs / 3_600_000} hours.`);
  demand(idleMs <= absoluteMs, 'No idle limit is shorter than the life of a session.');
  const { gate } = mirror;
  const first = await mirror.signIn(mirror.names.role);
  const lifeMs = first.expiresAtMs - gate.clock.nowMs();
  demand(lifeMs <= DAY_MS, `A session was given ${Math.round(lifeMs / 3_600_000)} hours.`);

  const expire = async (nowMs: number, limitMs: number, what: string): Promise<void> => {
    const session = await mirror.signIn(mirror.names.role);
    const use = () => session.bearer.send({ path: `${mirror.names.open}/page` });
    demand((await use()).status === 200, 'A session does not hold at all.');
    await gate.store.sessions.expire({ nowMs, idleMs: limitMs, forgetBeforeMs: 0 });
    const { status } = await use();
    demand(status === 401, `A session that is ${what} was answered ${status}.`);
  };
  await expire(gate.clock.nowMs() + idleMs + 1_000, idleMs, 'idle too long');
  await expire(gate.clock.nowMs() + absoluteMs + 1_000, NEVER_IDLE_MS, 'over');
  return `A session ended after ${absoluteMs / 3_600_000} h, and after ${Math.round(idleMs / 60_000)} min without use.`;
});
