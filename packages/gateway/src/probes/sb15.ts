import { fileModes } from '../doctor/file-modes.ts';
import { demand, probe } from './probe.ts';

/** Looks at the modes of the data directory, everything in it, and the files that the configuration reads secrets from. */
export const sb15 = probe('SB15', [], async ({ running }) => {
  const { state, message } = await fileModes.look(running.patient);
  demand(state === 'ok', message);
  return message;
});
