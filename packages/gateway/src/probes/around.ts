import type { Patient } from '../doctor/check.ts';
import { upstreamsAround } from '../doctor/upstreams-around.ts';
import { probeClient } from './http-client.ts';
import type { Around } from './probe.ts';

/** The way to upstreams around the gate, from this machine. */
export function around(patient: Patient): Around {
  return {
    async ask(text, headers) {
      const url = new URL(text);
      const client = probeClient({ url, headers: { host: url.host } });
      try {
        return (await client.send({ path: url.pathname, headers })).status;
      } catch {
        // Refused, reset, too late: whichever it was, nobody gets an answer this way.
        return 'unreachable';
      } finally {
        client.close();
      }
    },
    async exposure() {
      const { state, message } = await upstreamsAround.look(patient);
      return state === 'failed' ? message : undefined;
    },
  };
}
