import { jsonOf } from './http-client.ts';
import { demand, probe } from './probe.ts';
import { configuredRoutes } from './routes.ts';

const CHARACTERS_MAX = 8192;

/** Sends texts that are too long or no texts, and reads what the log makes of them. */
export const wk4 = probe('WK4', ['text'], async ({ mirror, running }) => {
  const routes = configuredRoutes(running.generation());
  const judged = routes.filter(({ guards }) => guards.text !== undefined && guards.text.mode !== 'off');
  demand(judged.length > 0, 'No text has a limit: `guards.text` is not configured.');
  const lax = judged.find(({ guards }) => (guards.text?.limits.charactersMax ?? Infinity) > CHARACTERS_MAX);
  demand(lax === undefined, `Texts may be longer than ${CHARACTERS_MAX} characters on ${lax?.path ?? ''}.`);
  const session = await mirror.signIn(mirror.names.role);
  const path = mirror.names.texts;
  const headers = { 'content-type': 'application/json' };
  const before = mirror.sink.seen();
  const refused: Readonly<Record<string, readonly [string, string]>> = {
    'A text that is too long': ['', JSON.stringify({ text: 'é'.repeat(CHARACTERS_MAX + 1) })],
    'Half a surrogate pair': ['', '{"text":"\\ud800"}'],
    'A NUL': ['', '{"text":"a\\u0000b"}'],
    'An overlong form': ['?text=%C0%AF', '{}'],
  };
  const lines = await mirror.logged(async () => {
    for (const [what, [query, body]] of Object.entries(refused)) {
      const { status } = await session.bearer.send({ method: 'POST', path: `${path}${query}`, headers, body });
      demand(status === 422 || status === 400, `${what} was answered ${status}.`);
    }
    const forging = `${path}?text=%0A%7B%22level%22:60%7D%0D%1B`;
    const { status } = await session.bearer.send({ method: 'POST', path: forging, headers, body: '{}' });
    demand(status < 400, `A text of several lines was answered ${status}.`);
  });
  demand(mirror.sink.seen() === before + 1, 'A text that was refused reached the application.');
  const isOneLine = (line: string): boolean => !line.trimEnd().includes('\n') && jsonOf({ body: line }) !== undefined;
  demand(lines.length > 0 && lines.every(isOneLine), 'A text made a line of the log that is no JSON object.');
  return `Longer and malformed texts are refused, and forged no line of the log. ${judged.length} of ${routes.length} routes judge texts.`;
});
