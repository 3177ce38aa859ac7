import type { StoreFacts } from '../store/store-facts.ts';
import { type Check, fine, type Patient, type Verdict } from './check.ts';

/** Whether the store is sound, looked at through a connection that cannot write. */
export const storeIntegrity: Check = { id: 'store', look };

async function look({ dataDir, storeExists, inspectStore, failureText }: Patient): Promise<Verdict> {
  if (!storeExists()) return fine(`Nothing is kept in ${dataDir} yet.`);
  try {
    return judge(await inspectStore());
  } catch (cause) {
    const message = failureText(cause);
    if (message === undefined) throw cause;
    return {
      state: 'failed',
      message,
      hint: 'Nothing was changed. Keep a copy of the store before you do anything.',
    };
  }
}

/** What a server says of the role and the connection that the configuration names (SS9, SS10). */
function judge(facts: StoreFacts): Verdict {
  if (facts.kind === 'sqlite') return fine('The store is sound.');
  const { role, goesAround, excess, unprotected, isDurable, connection } = facts;
  const { isSocket, protocol, isVerified } = connection;
  const asked = 'Let `steadygate db prepare` make a role of the gate’s own, and name it in store.url.';
  const problems: readonly (readonly [boolean, string, string])[] = [
    [goesAround, `The database role ${role} goes around row-level security.`, asked],
    [
      unprotected.length > 0,
      `Row-level security does not protect: ${unprotected.join(', ')}.`,
      'Run `steadygate db prepare`.',
    ],
    [excess.length > 0, `The database role ${role} may ${excess.join(', ')}.`, asked],
    [!isDurable, 'The database acknowledges what is not on its disk.', 'Set fsync = on there.'],
    [
      !isSocket && protocol === undefined,
      'The connection to the database is not encrypted.',
      'Write sslmode=verify-full.',
    ],
    [!isSocket && !isVerified, 'The database was not asked who it is.', 'Write sslmode=verify-full.'],
  ];
  const found = problems.find(([isSo]) => isSo);
  if (found === undefined) return fine(`The database is ready, and the role ${role} may do no more than it needs.`);
  const [, message, hint] = found;
  return { state: goesAround || unprotected.length > 0 ? 'failed' : 'warning', message, hint };
}
