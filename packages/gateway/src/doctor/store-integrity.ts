import { type Check, fine, type Patient, type Verdict } from './check.ts';

/** Whether the store is sound, looked at through a read-only connection. */
export const storeIntegrity: Check = { id: 'store', look };

function look({ dataDir, storeExists, inspectStore, failureText }: Patient): Verdict {
  if (!storeExists()) return fine(`Nothing is kept in ${dataDir} yet.`);
  try {
    inspectStore();
    return fine('The store is sound.');
  } catch (cause) {
    const message = failureText(cause);
    if (message === undefined) throw cause;
    return {
      state: 'failed',
      message,
      hint: 'Nothing was changed. Keep a copy of the directory before you do anything.',
    };
  }
}
