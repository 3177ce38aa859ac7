import { describe, expect, it } from 'vitest';

import { formatConfigProblem } from './config-problem.ts';
import { parseConfig } from './parse-config.ts';
import { locateProblems } from './policy-problems.ts';

const TEXT = `upstreams: { app: { url: "http://127.0.0.1:3000" } }
routes:
  - path: /x/**
    permission: app:read
ownership:
  - resource: chat
    idPattern: "[0-9]+"
    creates:
      POST /api/chats: $.id
`;

describe('problems of the compiled policy', () => {
  it.each([
    ['routes[0].path', 3],
    ['routes[0].upstream', 3],
    ['ownership[0].creates["POST /api/chats"]', 9],
    ['ownership[0].creates.POST /api/chats', 8],
    ['ownership[0].lists', 6],
  ])('get the line of %s', (config, line) => {
    const result = parseConfig(TEXT, 'f.yaml', {
      environment: {},
      readFile: (path) => ({ path, error: 'does not exist' }),
    });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const problems = locateProblems([{ config, message: 'is wrong', hint: 'do it right' }], result.loaded);
    expect(problems).toMatchObject([{ file: 'f.yaml', line, path: config }]);
    const [text] = problems.map((problem) => formatConfigProblem(problem));
    expect(text).toMatch(/^f\.yaml:\d+:\d+: .*: is wrong\. Do it right\.$/);
  });
});
