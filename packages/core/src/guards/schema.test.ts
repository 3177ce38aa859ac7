import { describe, expect, it } from 'vitest';

import { context, NO_BODY, request } from '../../test/fixtures.ts';
import { decide } from '../decide.ts';
import type { RouteSchema } from '../policy/policy.ts';
import type { ApiContent, ApiOperation, ApiParameter, ValueCheck, ValueShape } from '../schema/api.ts';
import { apiOf } from '../schema/api-index.ts';
import { judgeAnswer } from '../schema/judge-answer.ts';
import { pathTemplate } from '../schema/path-template.ts';
import type { CanonicalRequest } from '../request.ts';
import { schemaGuard } from './schema.ts';

type Types = ValueShape['types'] extends ReadonlySet<infer Type> ? Type : never;
const shape = (...types: Types[]): ValueShape => ({ types: new Set(types) });

/** Remembers what it was asked, and finds nothing wrong but what is called `bad`. */
function recorder(): { readonly check: ValueCheck; readonly seen: unknown[] } {
  const seen: unknown[] = [];
  return {
    seen,
    check(value) {
      seen.push(value);
      return value === 'bad' ? [{ pointer: '/a', rule: 'must be good' }] : [];
    },
  };
}

function operation(changes: Partial<ApiOperation> = {}): ApiOperation {
  const path = changes.path ?? '/a';
  const method = changes.method ?? 'GET';
  return {
    name: `${method} ${path}`,
    method,
    path,
    config: 'openapi.yaml:3',
    parameters: [],
    body: undefined,
    queryNames: [],
    answers: {},
    ...changes,
  };
}

function apiWith(...operations: readonly ApiOperation[]) {
  return apiOf(
    'openapi.yaml',
    operations.map((each) => {
      const template = pathTemplate(each.path);
      if ('problem' in template) throw new Error(template.problem);
      return { template, operation: each };
    }),
  );
}

function parameter(changes: Partial<ApiParameter> = {}): ApiParameter {
  return {
    name: 'q',
    place: 'query',
    isRequired: false,
    mayBeEmpty: false,
    style: 'form',
    explode: true,
    shape: shape('string'),
    check: () => [],
    ...changes,
  };
}

async function outcome(
  asked: Partial<CanonicalRequest>,
  operations: readonly ApiOperation[],
  settings: Partial<RouteSchema> & { readonly body?: string; readonly isUtf8?: boolean } = {},
) {
  const { body = '', isUtf8 = true, ...changes } = settings;
  const route: RouteSchema = {
    mode: 'enforce',
    api: apiWith(...operations),
    allowsUnknown: false,
    unmatched: 'refuse',
    judgesAnswers: false,
    config: 'guards.schema',
    ...changes,
  };
  const ctx = context({
    request: request({ path: '/a', bodyBytes: body.length, ...asked }),
    body: { ...NO_BODY, text: () => Promise.resolve({ text: body, isUtf8 }) },
  });
  const { denial, findings, answerHeaders } = await decide([schemaGuard(route)], ctx);
  return { code: denial?.code, facts: denial?.facts, findings, answerHeaders, violation: denial?.violation };
}

describe('SS15: a request finds its operation', () => {
  const paths = ['/orders/{id}', '/orders/latest', '/orders/{id}.json', '/orders/x-{id}', '/{kind}/latest', '/a/'];
  const api = apiWith(...paths.map((path) => operation({ path })));
  it.each([
    ['/orders/latest', '/orders/latest', {}],
    ['/orders/7', '/orders/{id}', { id: '7' }],
    ['/orders/7.json', '/orders/{id}.json', { id: '7' }],
    ['/orders/x-7', '/orders/x-{id}', { id: '7' }],
    ['/orders/x-', '/orders/{id}', { id: 'x-' }],
    ['/things/latest', '/{kind}/latest', { kind: 'things' }],
    ['/a/', '/a/', {}],
  ])('%s is %s', (path, template, values) => {
    expect(api.find('GET', path)).toMatchObject({ kind: 'operation', operation: { path: template }, values });
    expect(api.find('HEAD', path)).toMatchObject({ kind: 'operation' });
  });

  it.each(['/orders', '/orders/', '/orders/7/', '/a', '/orders/7/items'])('%s is none', (path) => {
    expect(api.find('GET', path)).toEqual({ kind: 'no path' });
  });

  it('several names of one segment are told apart by the text between them', () => {
    const dates = apiWith(operation({ path: '/{from}..{to}/x' }));
    expect(dates.find('GET', '/2024-01..2024-02/x')).toMatchObject({ values: { from: '2024-01', to: '2024-02' } });
    expect(dates.find('GET', '/2024-01/x')).toEqual({ kind: 'no path' });
    expect(dates.find('GET', '/..a/x')).toEqual({ kind: 'no path' });
  });

  it('a path has its one spelling', () => {
    expect(apiWith(operation({ path: '/caf\u00e9/{x}' })).find('GET', '/caf%C3%A9/1')).toMatchObject({
      kind: 'operation',
    });
    expect(pathTemplate('/a%2fb')).toHaveProperty('problem');
    expect(pathTemplate('/{a}{b}')).toHaveProperty('problem');
    expect(pathTemplate('/{a')).toHaveProperty('problem');
    expect(pathTemplate('a')).toHaveProperty('problem');
  });

  it('what is not described is refused, or only recorded', async () => {
    expect(await outcome({ path: '/b' }, [operation()])).toMatchObject({ code: 'not-found', violation: undefined });
    const other = await outcome({ method: 'DELETE' }, [operation(), operation({ method: 'PUT' })]);
    expect(other).toMatchObject({ code: 'method-refused', answerHeaders: ['allow', 'GET, PUT'] });
    const passed = await outcome({ path: '/b' }, [operation()], { unmatched: 'pass' });
    expect(passed).toMatchObject({ code: undefined, findings: [{ guard: 'schema', rule: 'no path', shadow: true }] });
  });
});

describe('SS15: parameters are read as the schema wants them', () => {
  it.each<[string, string, Partial<ApiParameter>, unknown]>([
    ['text', 'q=1', {}, '1'],
    ['text with a plus', 'q=a+b%2Bc', {}, 'a b+c'],
    ['a number', 'q=-1.5e2', { shape: shape('number') }, -150],
    ['a number that is none', 'q=01', { shape: shape('number') }, '01'],
    ['hexadecimal', 'q=0x10', { shape: shape('number') }, '0x10'],
    ['true', 'q=true', { shape: shape('boolean') }, true],
    ['nothing', 'q=null', { shape: shape('null', 'number') }, null],
    ['text before all', 'q=1', { shape: shape('string', 'number') }, '1'],
    ['repeated', 'q=1&q=2', { shape: { types: new Set(['array']), items: shape('number') } }, [1, 2]],
    ['one of a list', 'q=1', { shape: { types: new Set(['array']), items: shape('number') } }, [1]],
    ['a list or one', 'q=1', { shape: { types: new Set(['array', 'number']), items: shape('number') } }, 1],
    ['commas', 'q=a,b%2Cc', { explode: false, shape: shape('array') }, ['a', 'b,c']],
    ['no commas', 'q=', { explode: false, shape: shape('array') }, []],
    ['blanks', 'q=a%20b+c', { style: 'spaceDelimited', explode: false, shape: shape('array') }, ['a', 'b', 'c']],
    ['pipes', 'q=a|b%7Cc', { style: 'pipeDelimited', explode: false, shape: shape('array') }, ['a', 'b', 'c']],
    [
      'an object in one',
      'q=a,1,b,2',
      { explode: false, shape: { types: new Set(['object']), properties: { a: shape('number') } } },
      { a: 1, b: '2' },
    ],
    [
      'an object in several',
      'a=1&b=2',
      { shape: { types: new Set(['object']), properties: { a: shape('number'), b: shape('string') } } },
      { a: 1, b: '2' },
    ],
    [
      'an object in brackets',
      'q[a]=1&q[b][c]=2',
      { style: 'deepObject', shape: { types: new Set(['object']), properties: { a: shape('number') } } },
      { a: 1, b: { c: '2' } },
    ],
    ['JSON', 'q=%7B%22a%22:1%7D', { style: 'json' }, { a: 1 }],
  ])('%s', async (_, query, changes, expected) => {
    const { check, seen } = recorder();
    expect(
      (await outcome({ query }, [operation({ parameters: [parameter({ check, ...changes })] })])).code,
    ).toBeUndefined();
    expect(seen).toEqual([expected]);
  });

  it.each<[string, string, Partial<ApiParameter>, string]>([
    ['a parameter that is missing', '', { isRequired: true }, 'is missing'],
    ['an object that is missing', '', { isRequired: true, style: 'deepObject', shape: shape('object') }, 'is missing'],
    [
      'members that are missing',
      '',
      { isRequired: true, shape: { types: new Set(['object']), properties: {} } },
      'is missing',
    ],
    ['one value twice', 'q=1&q=2', {}, 'is sent more than once'],
    ['a member twice', 'q[a]=1&q[a][b]=2', { style: 'deepObject', shape: shape('object') }, 'is sent more than once'],
    ['octets that are no UTF-8', 'q=%FF', {}, 'is not valid UTF-8'],
    ['such octets in a list', 'q=a,%FF', { explode: false, shape: shape('array') }, 'is not valid UTF-8'],
    ['such octets among others', 'q=%FF', { shape: shape('array') }, 'is not valid UTF-8'],
    ['JSON that is none', 'q={', { style: 'json' }, 'is not JSON'],
    ['JSON with a key twice', 'q={"a":1,"a":2}', { style: 'json' }, 'is not JSON'],
    ['a value that the schema refuses', 'q=bad', {}, 'must be good'],
  ])('%s is refused', async (_, query, changes, rule) => {
    const { check } = recorder();
    const { code, facts } = await outcome({ query }, [operation({ parameters: [parameter({ check, ...changes })] })]);
    expect(code).toBe('schema-refused');
    expect(facts?.errors?.[0]).toMatchObject({ field: 'query:q', rule });
  });

  it.each<[string, Partial<CanonicalRequest>, Partial<ApiParameter>, unknown]>([
    ['path', { path: '/a%20b' }, { place: 'path', style: 'simple' }, 'a b'],
    ['path, a list', { path: '/a,b' }, { place: 'path', style: 'simple', shape: shape('array') }, ['a', 'b']],
    ['path, label', { path: '/.a.b' }, { place: 'path', style: 'label', shape: shape('array') }, ['a', 'b']],
    [
      'path, label in one',
      { path: '/.a,b' },
      { place: 'path', style: 'label', explode: false, shape: shape('array') },
      ['a', 'b'],
    ],
    ['path, matrix', { path: '/;q=5' }, { place: 'path', style: 'matrix', shape: shape('number') }, 5],
    [
      'path, matrix in several',
      { path: '/;q=5;q=6' },
      { place: 'path', style: 'matrix', shape: shape('array') },
      ['5', '6'],
    ],
    ['header', { headers: ['q', '50%'] }, { place: 'header', style: 'simple' }, '50%'],
    [
      'header, a list',
      { headers: ['q', 'a, b', 'q', 'c'] },
      { place: 'header', style: 'simple', shape: shape('array') },
      ['a', 'b', 'c'],
    ],
    [
      'header, an object',
      { headers: ['q', 'a=1,b=2'] },
      { place: 'header', style: 'simple', shape: shape('object') },
      { a: '1', b: '2' },
    ],
    ['header, JSON', { headers: ['q', '{"a":"%"}'] }, { place: 'header', style: 'json' }, { a: '%' }],
    ['cookie', { headers: ['cookie', 'x=1; q=dark; y=2'] }, { place: 'cookie', style: 'simple' }, 'dark'],
  ])('%s', async (_, asked, changes, expected) => {
    const { check, seen } = recorder();
    const path = changes.place === 'path' ? '/{q}' : '/a';
    const one = operation({ path, parameters: [parameter({ check, isRequired: true, ...changes })] });
    expect(await outcome(asked, [one])).toMatchObject({ code: undefined });
    expect(seen).toEqual([expected]);
  });

  it('a path that is not written in its style is refused', async () => {
    for (const style of ['label', 'matrix'] as const) {
      const one = operation({ path: '/{q}', parameters: [parameter({ place: 'path', style })] });
      expect((await outcome({ path: '/5' }, [one])).facts?.errors?.[0]?.rule).toContain(style);
    }
  });

  it('unknown names in the query are refused, but those of credentials, or where they are allowed', async () => {
    const one = operation({ parameters: [parameter()], queryNames: ['api_key'] });
    const { facts } = await outcome({ query: 'q=1&admin=1&admin=2&x%FF=1' }, [one]);
    expect(facts?.errors?.map(({ field }) => field)).toEqual(['query:admin', 'query:?']);
    expect((await outcome({ query: 'api_key=1' }, [one])).code).toBeUndefined();
    expect((await outcome({ query: 'admin=1' }, [one], { allowsUnknown: true })).code).toBeUndefined();
  });

  it('an empty value passes where it may be empty', async () => {
    const { check, seen } = recorder();
    await outcome({ query: 'q=' }, [operation({ parameters: [parameter({ check, mayBeEmpty: true })] })]);
    await outcome({ query: '' }, [operation({ parameters: [parameter({ check })] })]);
    expect(seen).toEqual([]);
  });

  it('a few faults are named, no value, and none too long', async () => {
    const parameters = Array.from({ length: 9 }, (_, at) => parameter({ name: `q${at}`, isRequired: true }));
    const { facts, findings, violation } = await outcome({ query: 'secret=value' }, [operation({ parameters })]);
    expect(facts?.errors).toHaveLength(5);
    expect(facts?.detail).toBe('query:q0 is missing.');
    expect(violation).toBeUndefined();
    expect(findings[0]?.rule).toBe('GET /a (openapi.yaml:3)');
    expect(JSON.stringify(facts)).not.toContain('value');
  });
});

function content(changes: Partial<ApiContent> = {}): ApiContent {
  return { range: 'application/json', kind: 'json', shape: shape(), check: () => [], encodings: {}, ...changes };
}

const post = (...contents: readonly ApiContent[]) =>
  operation({ method: 'POST', body: { isRequired: true, contents } });
const sent = (type: string): Partial<CanonicalRequest> => ({
  method: 'POST',
  headers: type === '' ? [] : ['content-type', type],
});

describe('SS15: bodies are read by their type', () => {
  const form: Partial<ApiContent> = {
    range: 'application/x-www-form-urlencoded',
    kind: 'form',
    shape: {
      types: new Set(['object']),
      properties: {
        n: shape('number'),
        list: { types: new Set(['array']), items: shape('number') },
        o: { types: new Set(['object']) },
        deep: { types: new Set(['object']) },
      },
    },
    encodings: { deep: { style: 'deepObject', explode: true } },
  };
  const part = (head: string, value: string) => `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;
  it.each<[string, string, string, Partial<ApiContent>, unknown]>([
    ['JSON', 'application/json; charset=utf-8', '{"a":1}', {}, { a: 1 }],
    ['JSON after its mark', 'application/json', '\ufeff{"a":1}', {}, { a: 1 }],
    ['a range', 'application/json', '1', { range: 'application/*' }, 1],
    ['any type', 'application/json', '1', { range: '*/*' }, 1],
    ['text', 'text/plain', 'a', { range: 'text/plain', kind: 'text' }, 'a'],
    [
      'a form',
      'application/x-www-form-urlencoded',
      'n=5&list=1&list=2&o={"a":1}&deep[x]=y&else=a+b',
      form,
      { n: 5, list: [1, 2], o: { a: 1 }, deep: { x: 'y' }, else: 'a b' },
    ],
    [
      'a form with parts',
      'multipart/form-data; boundary=b',
      `${part('name=n', '5')}${part('name=list', '1')}${part('name=list', '2')}${part('name=o', '{"a":1}')}${part('name=f; filename=x', 'file')}--b--`,
      { ...form, range: 'multipart/form-data', kind: 'multipart' },
      { n: 5, list: [1, 2], o: { a: 1 }, f: 'file' },
    ],
  ])('%s', async (_, type, body, changes, expected) => {
    const { check, seen } = recorder();
    expect(await outcome(sent(type), [post(content({ check, ...changes }))], { body })).toMatchObject({
      code: undefined,
    });
    expect(seen).toEqual([expected]);
  });

  it.each<[string, string, string, Partial<ApiContent>, string]>([
    ['another type', 'application/xml', '<a/>', {}, 'media-type-refused'],
    ['no type', '', '{}', {}, 'media-type-refused'],
    ['a type that is none', 'json', '{}', {}, 'media-type-refused'],
    ['another character set', 'application/json; charset=utf-16', '{}', {}, 'media-type-refused'],
    ['JSON that is none', 'application/json', '{', {}, 'body-invalid'],
    ['a key twice', 'application/json', '{"a":1,"a":2}', {}, 'body-invalid'],
    ['a form that is no UTF-8', 'application/x-www-form-urlencoded', 'x=%FF', form, 'body-invalid'],
    ['a field that is no UTF-8', 'application/x-www-form-urlencoded', 'n=%FF', form, 'body-invalid'],
    [
      'a form with no boundary',
      'multipart/form-data',
      'x',
      { range: 'multipart/form-data', kind: 'multipart' },
      'body-invalid',
    ],
    [
      'a form that does not end',
      'multipart/form-data; boundary=b',
      '--b\r\n',
      { range: 'multipart/form-data', kind: 'multipart' },
      'body-invalid',
    ],
    [
      'a part twice',
      'multipart/form-data; boundary=b',
      `${part('name=n', '1')}${part('name=n', '2')}--b--`,
      { ...form, range: 'multipart/form-data', kind: 'multipart' },
      'body-invalid',
    ],
    [
      'a part that is no JSON',
      'multipart/form-data; boundary=b',
      `${part('name=o', '{')}--b--`,
      { ...form, range: 'multipart/form-data', kind: 'multipart' },
      'body-invalid',
    ],
    ['what the schema refuses', 'application/json', '"bad"', {}, 'schema-refused'],
    ['nothing', 'application/json', '', {}, 'schema-refused'],
  ])('%s', async (_, type, body, changes, code) => {
    const { check } = recorder();
    expect((await outcome(sent(type), [post(content({ check, ...changes }))], { body })).code).toBe(code);
  });

  it('octets that are no UTF-8 are no JSON, and no text of a part', async () => {
    expect((await outcome(sent('application/json'), [post(content())], { body: '"\xff"', isUtf8: false })).code).toBe(
      'body-invalid',
    );
    const parts = `${part('name=a', '\xff')}--b--`;
    const form2 = content({ range: 'multipart/form-data', kind: 'multipart' });
    const asked = sent('multipart/form-data; boundary=b');
    expect((await outcome(asked, [post(form2)], { body: parts, isUtf8: false })).code).toBe('body-invalid');
  });

  it('of a large body one fault is asked for, and not a list of all', async () => {
    const asked: number[] = [];
    const check: ValueCheck = (_, most) => {
      asked.push(most);
      return [];
    };
    for (const length of [100, 20_000]) {
      await outcome(sent('application/json'), [post(content({ check }))], { body: JSON.stringify('x'.repeat(length)) });
    }
    expect(asked).toEqual([5, 1]);
  });

  it('content that no schema reads is taken as it is', async () => {
    const xml = content({ range: 'application/xml', kind: 'opaque', check: () => [{ pointer: '', rule: 'never' }] });
    expect((await outcome(sent('application/xml'), [post(xml)], { body: '<a/>' })).code).toBeUndefined();
  });

  it('a body that comes in chunks and is empty is missing; one that nobody expects is refused', async () => {
    const chunked = { ...sent('application/json'), bodyBytes: undefined };
    expect((await outcome(chunked, [post(content())])).code).toBe('schema-refused');
    const optional = operation({ method: 'POST', body: { isRequired: false, contents: [content()] } });
    expect((await outcome(chunked, [optional])).code).toBeUndefined();
    expect((await outcome(sent('application/json'), [optional])).code).toBeUndefined();
    const none = operation({ method: 'POST' });
    expect((await outcome(sent('application/json'), [none], { body: '{}' })).code).toBe('schema-refused');
    expect((await outcome(sent('application/json'), [none], { body: '{}', allowsUnknown: true })).code).toBeUndefined();
  });

  it('T3: in shadow nothing is refused', async () => {
    const { code, findings } = await outcome({ path: '/b' }, [operation()], { mode: 'shadow' });
    expect(code).toBeUndefined();
    expect(findings).toMatchObject([{ guard: 'schema', shadow: true }]);
  });
});

describe('answers', () => {
  const { check } = recorder();
  const described = operation({
    answers: { '200': [content({ check })], '4XX': [], default: [content({ kind: 'opaque' })] },
  });
  const json = (text: string) => ({ type: 'application/json', body: { text, isUtf8: true } });
  it.each([
    ['as described', { status: 200, ...json('1') }, undefined],
    ['a value that differs', { status: 200, ...json('"bad"') }, 'must be good'],
    ['another type', { status: 200, ...json('1'), type: 'text/html' }, 'has a type that is not described'],
    ['JSON that is none', { status: 200, ...json('{') }, 'JSON: not JSON'],
    ['no content', { status: 200, ...json('') }, undefined],
    ['a class of statuses', { status: 404, ...json('x') }, undefined],
    ['the default', { status: 500, ...json('x') }, undefined],
    ['what cannot be read', { status: 200, type: 'application/json', body: undefined }, 'cannot be read'],
  ])('%s', (_, answer, rule) => {
    expect(judgeAnswer(described, answer, 5)[0]?.rule).toBe(rule);
  });

  it('a status that nobody described', () => {
    expect(judgeAnswer(operation(), { status: 200, ...json('1') }, 5)[0]?.rule).toContain('status 200');
  });
});
