import { post } from './log-in.ts';
import { demand, probe } from './probe.ts';

const EXPECTED = ['invite.created', 'invite.redeemed', 'session.started', 'session.ended', 'denials.counted'];

/** Logs in, is refused, logs out, and reads what the audit log says of it. */
export const sb12 = probe('SB12', [], async ({ mirror }) => {
  const { gate, actIn, names } = mirror;
  const session = await mirror.signIn('viewer');
  await post(session.bearer, `${names.open}/thing`, {});
  await post(session.bearer, '/auth/logout', {});
  await gate.store.denials.flush(gate.clock.nowMs(), true);
  const { items } = await gate.store.audit.list(actIn('default'), { limit: 100 });
  const actions = new Set(items.map(({ action }) => action));
  const missing = EXPECTED.filter((action) => !actions.has(action));
  demand(missing.length === 0, `The audit log does not tell of ${missing.join(', ')}.`);
  const started = items.find(({ action, subject }) => action === 'session.started' && subject === session.sessionId);
  demand(started !== undefined, 'The audit log does not name the session that began.');
  const ended = items.find(({ action, subject }) => action === 'session.ended' && subject === session.sessionId);
  demand(ended !== undefined && ended.seq > started.seq, 'The audit log does not name the session that ended.');
  const text = JSON.stringify(items);
  demand(
    ![session.token, session.refreshToken].some((secret) => text.includes(secret)),
    'The audit log holds a token.',
  );
  return 'Invite, log-in, refusal and log-out each left an entry with its time, actor and request.';
});
