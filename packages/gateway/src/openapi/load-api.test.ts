import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { loadApi, type ApiSource } from './load-api.ts';

const SOURCE: ApiSource = {
  file: 'api/openapi.yaml',
  path: '/etc/sg/api/openapi.yaml',
  basePath: undefined,
  isClosed: true,
  judgesAnswers: true,
};

/** Reads from a few files in memory; asks for anything else are remembered, too. */
function load(files: Readonly<Record<string, string>>, changes: Partial<ApiSource> = {}) {
  const read = (path: string) => {
    const text = files[path.replace('/etc/sg/api/', '')];
    return text === undefined ? { path, error: 'does not exist' } : { path, text, mode: 0o644 };
  };
  return loadApi({ ...SOURCE, ...changes }, { read });
}

function document(paths: string, components = '{}', version = '3.1.0'): string {
  return `openapi: ${version}\ninfo: { title: t, version: '1' }\npaths:\n${paths}\ncomponents: ${components}\n`;
}

/** A document with one operation, whose body has this schema. */
function withBody(schema: string, { components = '{}', version = '3.1.0' } = {}): string {
  const content = `{ application/json: { schema: ${schema} } }`;
  const path = `  /a: { post: { requestBody: { content: ${content} }, responses: { "200": { description: d, content: ${content} } } } }`;
  return document(path, components, version);
}

function problemsOf(text: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  const loaded = load({ 'openapi.yaml': text, ...files });
  return loaded.ok ? [] : loaded.problems.map(({ file, line, message, hint }) => `${file}:${line} ${message}. ${hint}`);
}

/** The faults of values in the one body of a document. */
function checkOf(text: string, changes: Partial<ApiSource> = {}) {
  const loaded = load({ 'openapi.yaml': text }, changes);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const content = loaded.api.operations[0]?.body?.contents[0];
  return (value: unknown, most = 5) => content?.check(value, most).map(({ pointer, rule }) => `${pointer} ${rule}`);
}

describe('SS15: a document is read, or its mistakes are named with file and line', () => {
  it.each([
    ['no file', '', 'is no document'],
    ['another version', 'swagger: "2.0"\npaths: {}', 'is no OpenAPI of version 3.0 or 3.1'],
    ['no paths', 'openapi: 3.1.0', 'describes no paths'],
    ['no operation', document('  /a: {}'), 'describes no operation'],
    ['YAML that is none', 'openapi: [', 'api/openapi.yaml:1'],
    ['a key twice', 'openapi: 3.1.0\nopenapi: 3.1.0', 'has a key that stands in this block already'],
    ['a key that is misspelt', document('  /a: { get: { requestbody: {} } }'), 'Did you mean `requestBody`?'],
    ['a path without a slash', document('  a: { get: {} }'), 'is no path'],
    ['a path that is no path', document('  /a//b: { get: {} }'), 'has a part that is no path segment'],
    ['a path twice', document('  /a/{x}: {}\n  /a/{y}: {}'), 'is the same path as one before. That is /a/{x}'],
    ['a name twice', document('  /a/{x}/{x}: { get: {} }'), 'names a parameter twice'],
    ['a name that is not described', document('  /a/{x}: { get: {} }'), 'does not describe {x}'],
    [
      'a name that the path lacks',
      document('  /a: { get: { parameters: [ { name: x, in: path, required: true, schema: {} } ] } }'),
      'describes {x}, which its path does not have',
    ],
    [
      'a path parameter that may be missing',
      document('  /{x}: { get: { parameters: [ { name: x, in: path, schema: {} } ] } }'),
      'is a path parameter without required: true',
    ],
    ['a parameter nowhere', document('  /a: { get: { parameters: [ { name: x, schema: {} } ] } }'), 'has no place'],
    [
      'a parameter without a name',
      document('  /a: { get: { parameters: [ { in: query, schema: {} } ] } }'),
      'has no name',
    ],
    [
      'a parameter without a schema',
      document('  /a: { get: { parameters: [ { name: x, in: query } ] } }'),
      'has no schema',
    ],
    [
      'a style of another place',
      document('  /a: { get: { parameters: [ { name: x, in: query, style: simple, schema: {} } ] } }'),
      'is no style of the query',
    ],
    ['a body without content', document('  /a: { post: { requestBody: {} } }'), 'has no content'],
    [
      'a media type that is none',
      document('  /a: { post: { requestBody: { content: { json: {} } } } }'),
      'is no media type',
    ],
    ['a status that is none', document('  /a: { get: { responses: { ok: { description: d } } } }'), 'is no status'],
    ['servers without an address', `${document('  /a: { get: {} }')}servers: [ {} ]`, 'has no url'],
    ['another dialect', `${document('  /a: { get: {} }')}jsonSchemaDialect: https://x.example/`, 'is another dialect'],
    ['a schema that is none', withBody('text'), 'is no schema'],
    ['a keyword that is misspelt', withBody('{ maxLenght: 5 }'), 'is no keyword of this version'],
    ['a keyword of 3.0 in 3.1', withBody('{ nullable: true }'), "type: [string, 'null']"],
    ['a keyword of 3.1 in 3.0', withBody('{ const: 5 }', { version: '3.0.3' }), 'is no keyword of this version'],
    ['a limit that is text', withBody('{ maxLength: "5" }'), 'is not a whole number from 0'],
    ['a type that is none', withBody('{ type: text }'), 'is not one of string'],
    ['names that are none', withBody('{ required: true }'), 'is not a list of names'],
    ['a name by $id', withBody('{ $id: "http://x.example/a" }'), 'is not supported'],
    ['a pattern that is none', withBody('{ pattern: "(" }'), 'has a pattern that is no regular expression'],
    [
      'a pattern that backtracks',
      withBody('{ pattern: "^(?=.*[a-z])(a+)+$" }'),
      'has a pattern that could take very long',
    ],
    ['a pattern that refers back', withBody('{ pattern: "(a+)\\\\1" }'), 'refers back to a group'],
    ['a pattern for names', withBody('{ patternProperties: { "(?=.*a).*": {} } }'), 'could take very long'],
    ['a reference to nothing', withBody('{ $ref: "#/components/schemas/A" }'), 'names nothing'],
    ['a reference that is none', withBody('{ $ref: 5 }'), 'is no reference'],
    [
      'T14: a reference to the network',
      withBody('{ $ref: "https://x.example/a.yaml" }'),
      'points outside of this machine',
    ],
    ['T14: a reference to a host', withBody('{ $ref: "//x.example/a.yaml" }'), 'points outside of this machine'],
    ['T14: a reference out of the folder', withBody('{ $ref: "../../passwd#/a" }'), 'points out of the folder'],
    ['T14: an absolute reference', withBody('{ $ref: "/etc/passwd" }'), 'points out of the folder'],
    [
      'a schema that is itself',
      withBody('{ $ref: "#/components/schemas/A" }', {
        components: '{ schemas: { A: { allOf: [ { $ref: "#/components/schemas/A" } ] } } }',
      }),
      'refers to itself without end',
    ],
    [
      'two that are each other',
      withBody('{ type: object, anyOf: [ { $ref: "#/components/schemas/A" } ] }', {
        components:
          '{ schemas: { A: { $ref: "#/components/schemas/B" }, B: { oneOf: [ { $ref: "#/components/schemas/A" } ] } } }',
      }),
      'refers to itself without end',
    ],
    [
      'two that are nothing but each other',
      withBody('{ $ref: "#/components/schemas/A" }', {
        components: '{ schemas: { A: { $ref: "#/components/schemas/B" }, B: { $ref: "#/components/schemas/A" } } }',
      }),
      'refers to itself without end',
    ],
    [
      'a parameter that is itself',
      document(
        '  /a: { get: { parameters: [ { $ref: "#/components/parameters/A" } ] } }',
        '{ parameters: { A: { $ref: "#/components/parameters/A" } } }',
      ),
      'refers to itself',
    ],
    ['a file that is not there', withBody('{ $ref: "b.yaml#/A" }'), 'names a file that cannot be used'],
  ])('%s', (_, text, expected) => {
    const problems = text === '' ? load({}) : problemsOf(text);
    const shown = Array.isArray(problems) ? problems.join('\n') : JSON.stringify(problems);
    expect(shown).toMatch(/api\/openapi\.yaml/);
    if (text !== '') expect(shown).toContain(expected);
    else expect(shown).toContain('does not exist');
  });

  it('gives the line of each mistake, all at once', () => {
    const text = withBody('{ $ref: "#/components/schemas/A" }', {
      components: '\n  schemas:\n    A:\n      minLength: few\n      patern: x',
    });
    expect(problemsOf(text)).toEqual([
      expect.stringContaining('api/openapi.yaml:8 is not a whole number from 0'),
      expect.stringContaining('api/openapi.yaml:9 is no keyword'),
    ]);
  });

  it('warns of what is not judged', () => {
    const text = document(
      '  /a: { post: { requestBody: { content: { application/xml: { schema: { type: string } } } } } }',
    );
    const loaded = load({ 'openapi.yaml': text });
    expect(loaded.ok ? loaded.warnings : []).toMatchObject([
      { line: 4, message: expect.stringContaining('is not judged') },
    ]);
    const format = load({ 'openapi.yaml': withBody('{ type: string, format: iban }') });
    expect(format.ok ? format.warnings : []).toMatchObject([
      { message: 'is a format that is not checked' },
      { message: 'is a format that is not checked' },
    ]);
  });

  it('reads files beside it and below, and JSON with tabs', () => {
    const files = {
      'openapi.yaml': withBody('{ $ref: "schemas/order.json#/Order" }'),
      'schemas/order.json': '{\n\t"Order": { "$ref": "./parts.yaml#/a~1b" } }',
      'schemas/parts.yaml': 'a/b: { type: integer }',
    };
    const loaded = load(files);
    expect(loaded.ok && loaded.api.operations[0]?.body?.contents[0]?.check('x', 1)).toHaveLength(1);
    expect(loaded.files).toEqual(Object.keys(files).map((name) => resolve('/etc/sg/api', name)));
  });
});

describe('SS15: what a schema means', () => {
  it('refuses properties that nobody lists, at any depth, unless they are allowed', () => {
    const text = withBody('{ type: object, properties: { a: { type: object, properties: { b: {} } } } }');
    expect(checkOf(text)({ a: { b: 1, c: 2 }, d: 1 })).toEqual([
      '/d is not a known property',
      '/a/c is not a known property',
    ]);
    expect(checkOf(text, { isClosed: false })({ a: { c: 2 }, d: 1 })).toEqual([]);
  });

  it.each([
    ['additionalProperties: true', '{ properties: { a: {} }, additionalProperties: true }', { b: 1 }],
    ['a schema for others', '{ properties: { a: {} }, additionalProperties: { type: integer } }', { b: 1 }],
    ['an object without a list', '{ type: object }', { b: 1 }],
    ['patterns', '{ patternProperties: { "^x-": {} } }', { 'x-b': 1 }],
    ['names that every object has', '{ properties: { constructor: {} } }', { constructor: 1 }],
  ])('lets properties be that are described: %s', (_, schema, value) => {
    expect(checkOf(withBody(schema))(value)).toEqual([]);
  });

  it('allOf lists the properties of all of its parts, also through references', () => {
    const components =
      '{ schemas: { A: { properties: { a: {} } }, B: { allOf: [ { $ref: "#/components/schemas/A" } ], properties: { b: {} } } } }';
    const check = checkOf(
      withBody('{ allOf: [ { $ref: "#/components/schemas/B" }, { properties: { c: {} } } ] }', { components }),
    );
    expect(check({ a: 1, b: 2, c: 3 })).toEqual([]);
    expect(check({ a: 1, d: 2 })).toEqual(['/d is not a known property']);
    // Alone it does not list what others add.
    expect(checkOf(withBody('{ $ref: "#/components/schemas/A" }', { components }))({ b: 1 })).toEqual([
      '/b is not a known property',
    ]);
  });

  it('oneOf takes the properties of the part that fits; a discriminator is among them', () => {
    const components =
      '{ schemas: { Card: { properties: { kind: { const: card }, number: {} }, required: [kind] }, Cash: { properties: { kind: { const: cash } }, required: [kind] } } }';
    const check = checkOf(
      withBody(
        '{ oneOf: [ { $ref: "#/components/schemas/Card" }, { $ref: "#/components/schemas/Cash" } ], discriminator: { propertyName: kind } }',
        { components },
      ),
    );
    expect(check({ kind: 'card', number: '1' })).toEqual([]);
    expect(check({ kind: 'cash', number: '1' })).toContain('/number is not a known property');
    expect(check({ kind: 'other' })?.length).toBeGreaterThan(0);
  });

  it('a stricter reading under `not` makes nothing laxer', () => {
    const check = checkOf(
      withBody(
        '{ type: object, properties: { a: {}, b: {} }, not: { required: [a], properties: { a: { const: 1 } } } }',
      ),
    );
    expect(check({ a: 1, b: 2 })).toHaveLength(1);
    expect(check({ a: 2 })).toEqual([]);
  });

  it('schemas may refer to themselves', () => {
    const components =
      '{ schemas: { Tree: { type: object, properties: { children: { type: array, items: { $ref: "#/components/schemas/Tree" } } } } } }';
    const check = checkOf(withBody('{ $ref: "#/components/schemas/Tree" }', { components }));
    expect(check({ children: [{ children: [] }] })).toEqual([]);
    expect(check({ children: [{ child: [] }] })).toEqual(['/children/0/child is not a known property']);
  });

  it('schemas may refer on and on, with more beside a reference too', () => {
    const names = Array.from(
      { length: 2000 },
      (_, at) => `S${at}: { properties: { a: { $ref: "#/components/schemas/S${(at + 1) % 2000}" } } }`,
    );
    const check = checkOf(
      withBody('{ $ref: "#/components/schemas/S0" }', { components: `{ schemas: { ${names.join(', ')} } }` }),
    );
    expect(check({ a: { a: { a: {} } } })).toEqual([]);
    expect(check({ a: { a: { b: {} } } })).toEqual(['/a/a/b is not a known property']);
    const tree =
      '{ schemas: { A: { minProperties: 1, properties: { b: { $ref: "#/components/schemas/A", maxProperties: 1 }, c: {} } } } }';
    const beside = checkOf(withBody('{ $ref: "#/components/schemas/A" }', { components: tree }));
    expect(beside({ b: { c: 1 } })).toEqual([]);
    expect(beside({ b: { b: { c: 1 }, c: 1 } })).toHaveLength(1);
    expect(beside({ b: { d: 1 } })).toContain('/b/d is not a known property');
  });

  it('what is readOnly is not sent, what is writeOnly does not come back, and neither is missed', () => {
    const schema =
      '{ required: [id, pin], properties: { id: { readOnly: true }, pin: { allOf: [ { type: string } ], writeOnly: true } } }';
    const loaded = load({ 'openapi.yaml': withBody(schema) });
    const operation = loaded.ok ? loaded.api.operations[0] : undefined;
    const sent = operation?.body?.contents[0];
    const answered = operation?.answers['200']?.[0];
    expect(sent?.check({ pin: '1' }, 5)).toEqual([]);
    expect(sent?.check({ id: 1, pin: '1' }, 5)).toEqual([{ pointer: '/id', rule: 'must not be sent' }]);
    expect(answered?.check({ id: 1 }, 5)).toEqual([]);
    expect(answered?.check({ id: 1, pin: '1' }, 5)).toEqual([{ pointer: '/pin', rule: 'must not be sent' }]);
  });

  it('version 3.0: nullable, exclusive limits, and nothing beside a reference', () => {
    const check = checkOf(
      withBody(
        '{ properties: { a: { type: string, nullable: true }, b: { type: number, minimum: 1, exclusiveMinimum: true }, c: { type: integer, maximum: 5, exclusiveMaximum: false } } }',
        { version: '3.0.3' },
      ),
    );
    expect(check({ a: null, b: 1.5, c: 5 })).toEqual([]);
    expect(check({ b: 1, c: 6 })).toEqual(['/b must be > 1', '/c must be <= 5']);
    const components = '{ schemas: { A: { type: string } } }';
    const beside = checkOf(
      withBody('{ $ref: "#/components/schemas/A", maxLength: 1 }', { version: '3.0.0', components }),
    );
    expect(beside('long')).toEqual([]);
    expect(checkOf(withBody('{ $ref: "#/components/schemas/A", maxLength: 1 }', { components }))('long')).toHaveLength(
      1,
    );
  });

  it('names no more faults than asked for, and each once', () => {
    const check = checkOf(withBody('{ type: array, items: { type: integer } }'));
    expect(check(['a', 'b', 'c'], 2)).toEqual(['/0 must be integer', '/1 must be integer']);
    expect(check(['a', 'b', 'c'], 1)).toEqual(['/0 must be integer']);
  });

  it('names are pointers of RFC 6901', () => {
    expect(checkOf(withBody('{ properties: { a: {} } }'))({ 'x/y~z': 1 })).toEqual([
      '/x~1y~0z is not a known property',
    ]);
  });

  it('numbers in decimals are multiples of decimals', () => {
    const check = checkOf(withBody('{ multipleOf: 0.01 }'));
    expect([19.99, 0.07, 1.1].flatMap((value) => check(value))).toEqual([]);
    expect(check(0.001)).toHaveLength(1);
  });

  it('a list of a million different items is compared in linear time', () => {
    const check = checkOf(withBody('{ type: array, uniqueItems: true }'));
    const list = Array.from({ length: 100_000 }, (_, at) => ({ at }));
    expect(check(list)).toEqual([]);
    expect(check([...list, { at: 5 }])).toEqual([' must not hold an item twice']);
    expect(
      check([
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ]),
    ).toHaveLength(1);
    expect(checkOf(withBody('{ uniqueItems: false }'))([1, 1])).toEqual([]);
  });

  it('T14: a pattern that would backtrack is matched in linear time', () => {
    const check = checkOf(withBody('{ pattern: "^(a+)+$" }'));
    expect(check(`${'a'.repeat(50_000)}!`)).toHaveLength(1);
    expect(check('aaa')).toEqual([]);
  });

  it('patterns of one document are not taken for each other', () => {
    const check = checkOf(withBody('{ properties: { a: { pattern: "^(a+)+$" }, b: { pattern: "^(b+)+$" } } }'));
    expect(check({ a: 'aa', b: 'bb' })).toEqual([]);
    expect(check({ a: 'bb', b: 'aa' })).toHaveLength(2);
  });
});

describe('base paths', () => {
  const find = (servers: string, changes: Partial<ApiSource> = {}) => {
    const loaded = load({ 'openapi.yaml': `${document('  /a: { get: {} }')}${servers}` }, changes);
    return loaded.ok ? loaded.api.operations.map(({ path }) => path) : [];
  };
  it('are those of the servers, or the one that is configured', () => {
    expect(find('')).toEqual(['/a']);
    expect(find('servers: [ { url: https://x.example/v1/ }, { url: /v2 } ]')).toEqual(['/v1/a', '/v2/a']);
    expect(find('servers: [ { url: "https://x.example/{v}", variables: { v: { default: v3 } } } ]')).toEqual(['/v3/a']);
    expect(find('servers: [ { url: https://x.example/v1 } ]', { basePath: '/api' })).toEqual(['/api/a']);
    expect(find('servers: [ { url: https://x.example/v1 } ]', { basePath: '' })).toEqual(['/a']);
  });
});
