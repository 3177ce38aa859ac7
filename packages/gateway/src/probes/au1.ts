import { textOf } from './http-client.ts';
import { logIn } from './log-in.ts';
import { demand, probe } from './probe.ts';

/** Redeems codes of both roles, and one that was made over into the other. */
export const au1 = probe('AU1', [], async ({ mirror }) => {
  for (const [role, prefix] of [
    ['admin', 'SB-ADMIN-'],
    ['viewer', 'SB-VIEW-'],
  ] as const) {
    const code = await mirror.invite(role);
    demand(code.startsWith(prefix), `An invite for ${role} begins otherwise than ${prefix}.`);
    const client = mirror.fresh();
    if (role === 'viewer') {
      const promoted = await logIn(client, code.replace(prefix, 'SB-ADMIN-'));
      demand(
        promoted.status === 401,
        `A viewer's code with an administrator's prefix was answered ${promoted.status}.`,
      );
    }
    const answer = await logIn(client, code);
    demand(answer.status === 200, `An invite for ${role} was answered ${answer.status}.`);
    demand(textOf(answer, 'role') === role, `An invite for ${role} gave role ${textOf(answer, 'role')}.`);
    const again = await logIn(client, code);
    demand(again.status === 401, `An invite that was used up was answered ${again.status}.`);
  }
  return 'Each code gave the role it names, once; a code made over into another role gave none.';
});
