import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';
import { prettyLine, prettySink } from './pretty.ts';

const HOSTILE = 'a\u001b[2J\u009b31m\u202e\u2028\r\nforged';

function shown(log: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  const destination = prettySink({ write: (part: string) => (text += part) });
  log(createLogger({ level: 'info', destination }));
  return text;
}

test.each([
  ['a message', (logger: ReturnType<typeof createLogger>) => logger.warn(HOSTILE)],
  ['a fact', (logger: ReturnType<typeof createLogger>) => logger.warn({ fact: HOSTILE }, 'alert')],
  ['a path', (logger: ReturnType<typeof createLogger>) => logger.info({ path: HOSTILE, status: 200 }, 'request')],
  ['a cause', (logger: ReturnType<typeof createLogger>) => logger.error({ cause: new Error(HOSTILE) }, 'a bug')],
])('T25: a terminal finds nothing to obey in %s, and one line stays one', (_what, log) => {
  const text = shown(log);
  expect(text).toContain('forged');
  // oxlint-disable-next-line no-control-regex -- They are what must not be there.
  expect(text).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]+\n$/);
});

test('a line that is not JSON keeps its text', () => {
  expect(prettyLine('plain \u001b[0m\n')).toBe('plain \\u001b[0m');
});
