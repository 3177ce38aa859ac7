import { OperatorRefusal } from '../operator/refusal.ts';
import { socketPath } from '../operator/socket-path.ts';
import { type Check, fine, type Patient, type Verdict } from './check.ts';

/** Whether the control socket fits where it belongs. */
export const socketLength: Check = { id: 'control-socket', look };

function look({ dataDir }: Patient): Verdict {
  try {
    return fine(`The control socket fits: ${socketPath(dataDir)}.`);
  } catch (cause) {
    if (!(cause instanceof OperatorRefusal)) throw cause;
    return {
      state: 'failed',
      message: cause.message,
      hint: 'A directory such as /var/lib/steadygate is short enough.',
    };
  }
}
