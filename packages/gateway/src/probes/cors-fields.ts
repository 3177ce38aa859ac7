import type { ProbeAnswer, ProbeClient } from './http-client.ts';
import { demand } from './probe.ts';

/** @throws Disproof when an answer or a preflight lets `origin` in */
export async function demandNoCors(client: ProbeClient, path: string, origin: string): Promise<void> {
  const preflight = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type',
  };
  const answers = [
    await client.send({ path, headers: { origin } }),
    await client.send({ method: 'OPTIONS', path, headers: preflight }),
  ];
  for (const answer of answers) demand(allowedOrigin(answer) === '', `Origin ${origin} is let in on ${path}.`);
}

/** The origin that an answer lets in; empty for none. */
export function allowedOrigin({ headers }: ProbeAnswer): string {
  return headers['access-control-allow-origin'] ?? '';
}
