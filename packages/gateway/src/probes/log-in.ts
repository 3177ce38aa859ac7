import type { ProbeAnswer, ProbeClient } from './http-client.ts';

/** Presents an invite code as a program does. */
export function logIn(client: ProbeClient, inviteCode: string): Promise<ProbeAnswer> {
  return post(client, '/auth/login', { inviteCode, tokenDelivery: 'body' });
}

/** Sends JSON. */
export function post(client: ProbeClient, path: string, value: unknown): Promise<ProbeAnswer> {
  const headers = { 'content-type': 'application/json' };
  return client.send({ method: 'POST', path, headers, body: JSON.stringify(value) });
}
