import { setTimeout as wait } from 'node:timers/promises';

const STEP_MS = 20;
const TRIES = 100;

/** Whether something that happens beside requests holds within two seconds. */
export async function soon(holds: () => Promise<boolean>): Promise<boolean> {
  for (let at = 0; at < TRIES; at += 1) {
    if (await holds()) return true;
    await wait(STEP_MS);
  }
  return false;
}
