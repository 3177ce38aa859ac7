import { strayFiles } from '../doctor/stray-files.ts';
import { demand, probe } from './probe.ts';

/** Looks for secrets in the configuration, and for files that usually hold them. */
export const sb16 = probe('SB16', [], async ({ running }) => {
  const literal = running.findings().find(({ code }) => code === 'secret-literal');
  demand(literal === undefined, `${literal?.path ?? ''}: ${literal?.message ?? ''}`);
  const { state, message } = await strayFiles.look(running.patient);
  demand(state === 'ok', message);
  return 'Every configured secret comes from a file or a variable, and no stray secret files lie where the gate works.';
});
