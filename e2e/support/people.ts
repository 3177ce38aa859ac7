import type { RunningGate } from './gate.ts';

/** Somebody who is signed in with tokens in hand, as a program is. */
export interface Caller {
  readonly userId: string;
  readonly token: string;
  readonly refreshToken: string;
  readonly csrfToken: string;
  /** The `Authorization` field. */
  readonly line: string;
}

/** Nobody: sends no credential. */
export const NOBODY: Caller = { userId: '', token: '', refreshToken: '', csrfToken: '', line: 'X-Nobody: 1' };

/** Logs in with an invite code. */
export async function signIn(gate: RunningGate, inviteCode: string): Promise<Caller> {
  const response = await fetch(`${gate.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inviteCode, tokenDelivery: 'body' }),
  });
  if (response.status !== 200) throw new Error(`log-in: ${response.status} ${await response.text()}`);
  // The contract of the log-in operation.
  const body = (await response.json()) as {
    user: { id: string };
    token: string;
    refreshToken: string;
    csrfToken: string;
  };
  const { token, refreshToken, csrfToken } = body;
  return { userId: body.user.id, token, refreshToken, csrfToken, line: `Authorization: Bearer ${token}` };
}

/** As many new people of one role, each a user of their own. */
export async function signInMany(gate: RunningGate, role: string, count: number): Promise<readonly Caller[]> {
  const { invite } = await gate.operator('invite', 'create', '--role', role, '--uses', String(count));
  return Promise.all(Array.from({ length: count }, () => signIn(gate, String(invite))));
}
