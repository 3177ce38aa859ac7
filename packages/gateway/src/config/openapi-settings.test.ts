import { compileGate } from '@steadygate/core';
import { describe, expect, it } from 'vitest';

import type { ValueSources } from './interpolate.ts';
import { parseConfig } from './parse-config.ts';
import { toPolicy } from './to-policy.ts';
import { UNASKED_PORTS } from './unasked-ports.ts';
import { unprotectedOperations } from './unprotected.ts';

const operation = '{ get: { responses: {} } }';
const DOCUMENTS: Readonly<Record<string, string>> = {
  'a.yaml': `openapi: 3.1.0\npaths:\n  /a: ${operation}\n  /b/{x}:\n    parameters: [ { name: x, in: path, required: true, schema: {} } ]\n    get: {}\n  /c: ${operation}\n  /d: ${operation}\n`,
  'b.yaml': `openapi: 3.1.0\npaths:\n  /x: ${operation}\nservers: [ { url: /b } ]\n`,
  'bad.yaml': 'openapi: 3.1.0\npaths:\n  /a: { got: {} }\n',
};
const SOURCES: ValueSources = {
  environment: {},
  readFile: (path) => ({ path, error: 'is no document' }),
  readDocument(path) {
    const name = path.replace('/etc/', '');
    const text = DOCUMENTS[name];
    return text === undefined ? { path, error: 'does not exist' } : { path: `/etc/${name}`, text, mode: 0o644 };
  },
};

function parsed(guards: string, ...routes: readonly string[]) {
  const lines = ['upstreams: { app: { url: "http://127.0.0.1:3000" } }', 'routes:', ...routes, `guards: ${guards}`];
  return parseConfig(lines.join('\n'), '/etc/steadygate.yaml', SOURCES);
}

function loaded(guards: string, ...routes: readonly string[]) {
  const result = parsed(guards, ...routes);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.loaded;
}

function schemasOf(guards: string, ...routes: readonly string[]) {
  const { config, apis } = loaded(guards, ...routes);
  return toPolicy(config, apis).routes.map((route) => route.guards.schema);
}

const open = (path: string, schema = ''): string =>
  `  - { path: ${path}, access: public${schema === '' ? '' : `, guards: { schema: ${schema} }`} }`;

describe('guards.schema', () => {
  it('judges nothing unless a document is named', () => {
    expect(schemasOf('{}', open('/a'), open('/b', '{ mode: off }'))).toEqual([undefined, undefined]);
  });

  it('holds for every route; a route may differ, or be off', () => {
    const [all, own, off] = schemasOf(
      '{ schema: { file: a.yaml, basePath: /v1, answers: shadow } }',
      open('/a'),
      open('/b', '{ mode: shadow, unknownProperties: allow, unmatched: pass, answers: off }'),
      open('/c', '{ mode: off }'),
    );
    expect(all).toMatchObject({
      mode: 'enforce',
      allowsUnknown: false,
      unmatched: 'refuse',
      judgesAnswers: true,
      config: 'guards.schema',
    });
    expect(all?.api.operations[0]?.path).toBe('/v1/a');
    expect(own).toMatchObject({
      mode: 'shadow',
      allowsUnknown: true,
      unmatched: 'pass',
      judgesAnswers: false,
      config: 'routes[1].guards.schema',
    });
    expect(off).toBeUndefined();
  });

  it('one document that is meant alike is compiled once; another has a base path of its own', () => {
    const [a, b, c] = schemasOf(
      '{ schema: { file: a.yaml, basePath: /v1 } }',
      open('/a'),
      open('/b', '{ mode: shadow }'),
      open('/c', '{ file: b.yaml }'),
    );
    expect(a?.api).toBe(b?.api);
    expect(c?.api.operations.map(({ path }) => path)).toEqual(['/b/x']);
  });

  it('a document that cannot be used stops the start with its own file and line, and is watched', () => {
    const result = parsed('{ schema: { file: bad.yaml } }', open('/a'));
    expect(result).toMatchObject({
      ok: false,
      problems: [{ file: 'bad.yaml', line: 3, message: 'is no key of this path' }],
    });
    expect(result.files).toEqual(['/etc/bad.yaml']);
    expect(parsed('{ schema: { file: none.yaml } }', open('/a'))).toMatchObject({
      problems: [{ file: 'none.yaml', line: 1, message: 'does not exist' }],
    });
  });

  it('a route that wants a document and names none stops the start with its line', () => {
    const result = parsed('{}', open('/a', '{ mode: shadow }'));
    expect(result).toMatchObject({ ok: false, problems: [{ line: 3, path: 'routes[0].guards.schema.file' }] });
  });

  it('a policy without the documents that were read is a bug', () => {
    const { config } = loaded('{ schema: { file: a.yaml } }', open('/a'));
    expect(() => toPolicy(config)).toThrow('the document was not read');
  });
});

describe('operations that no route judges', () => {
  it('are named with their place and the reason', () => {
    const { config, apis } = loaded(
      '{}',
      open('/a', '{ file: a.yaml }'),
      open('/b/**', '{ file: a.yaml, mode: shadow }'),
      open('/c'),
      open('/b/x', '{ file: b.yaml }'),
    );
    const compiled = compileGate(toPolicy(config, apis), [], UNASKED_PORTS);
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
    expect(
      unprotectedOperations(compiled.table, apis).map(
        ({ file, line, path, message }) => `${file}:${line} ${path} ${message}`,
      ),
    ).toEqual([
      'a.yaml:6 GET /b/{x} routes[3] judges by another document',
      'a.yaml:7 GET /c routes[2] judges nothing by a document',
      'a.yaml:8 GET /d no route serves it',
    ]);
  });
});
