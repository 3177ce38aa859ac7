import { logIn } from './log-in.ts';
import { demand, probe } from './probe.ts';

const DRAWN = 16;
/** No 0, O, 1, I, L. */
const RANDOM_PART = /^[2-9A-HJKMNP-Z]+$/;
const KNOWN = ['SB-ADMIN-CHANGEME', 'SB-ADMIN-12345678', 'SB-ADMIN-ABCDEFGH', 'SB-ADMIN-AAAAAAAA', 'SB-ADMIN-22222222'];

/** Draws codes and looks for a pattern; then tries the codes that everybody tries. */
export const sb3 = probe('SB3', [], async ({ mirror, running }) => {
  const { length } = running.config().invites;
  demand(length >= 8, `Invite codes have ${length} random characters only.`);
  const parts: string[] = [];
  for (let at = 0; at < DRAWN; at += 1) {
    const code = await mirror.invite('admin');
    parts.push(code.slice('SB-ADMIN-'.length));
  }
  demand(
    parts.every((part) => part.length === length && RANDOM_PART.test(part)),
    'An invite code is not of its form.',
  );
  demand(new Set(parts).size === DRAWN, 'Two invites have the same code.');
  // The chance that 16 evenly drawn characters agree is below 10 to the minus 22.
  const isFixed = Array.from({ length }, (_, at) => new Set(parts.map((part) => part[at])).size === 1).includes(true);
  demand(!isFixed, 'Invite codes agree in a character: they are not random.');
  const client = mirror.fresh();
  for (const code of KNOWN) {
    const { status } = await logIn(client, code);
    demand(status === 401, `The invite code ${code} was answered ${status}.`);
  }
  return `${DRAWN} codes of ${length} random characters share nothing; ${KNOWN.length} codes that everybody tries let nobody in.`;
});
