import type { RunningGate } from './gate.ts';

/** Somebody who holds the platform's permissions: logs in with the first invite of a gate in development, and switches to tenant `system`. */
export async function platformCaller(gate: RunningGate): Promise<{ readonly authorization: string }> {
  const tokenOf = async (path: string, body: object, headers: Record<string, string> = {}): Promise<string> => {
    const answer = await fetch(gate.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`);
    return JSON.parse(text).token;
  };
  const login = { inviteCode: gate.invite, tokenDelivery: 'body' };
  const inDefault = { authorization: `Bearer ${await tokenOf('/auth/login', login)}` };
  return { authorization: `Bearer ${await tokenOf('/auth/session', { tenant: 'system' }, inDefault)}` };
}
