import { type Check, fine, type Verdict } from './check.ts';

const MAJOR_MIN = 24;

/** Whether this Node can run the gate. */
export const nodeVersion: Check = { id: 'node', look: () => judgeNode(process.versions.node) };

/** The verdict on a version such as `24.21.0`. */
export function judgeNode(version: string): Verdict {
  if (Number.parseInt(version, 10) >= MAJOR_MIN) return fine(`Node ${version}.`);
  return {
    state: 'failed',
    message: `Node ${version} is too old.`,
    hint: `Node ${MAJOR_MIN} or newer is needed: put it on PATH, or install without --ignore-scripts.`,
  };
}
