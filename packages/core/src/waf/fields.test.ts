import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { request } from '../../test/fixtures.ts';
import { visitBody } from './body-fields.ts';
import type { FieldVisitor } from './field.ts';
import { fieldPattern } from './field-pattern.ts';
import { visitCsv } from './csv-fields.ts';
import { visitGraphql } from './graphql.ts';
import { visitHead } from './head-fields.ts';
import { visitJson } from './json-fields.ts';
import { boundaryOf } from '../multipart.ts';
import { visitMultipart } from './multipart-fields.ts';
import { isNameWorth } from './names.ts';
import { visitPairs } from './pairs.ts';
import { visitPlainText } from './text-fields.ts';
import { visitXml } from './xml-fields.ts';

/** What a reader visits, as `kind path=value`. */
function seen(read: (visit: FieldVisitor) => unknown): readonly string[] {
  const found: string[] = [];
  read((field) => {
    found.push(`${field.kind} ${field.path()}=${field.value}`);
    return false;
  });
  return found;
}

/** Every outcome when each of the fields in turn is the one that stops; `went on` where a field was visited after it. */
function stopped(read: (visit: FieldVisitor) => unknown): ReadonlySet<unknown> {
  return new Set(
    seen(read).map((_, last) => {
      let visited = 0;
      const outcome = read(() => {
        visited += 1;
        return visited === last + 1;
      });
      return visited === last + 1 ? outcome : 'went on';
    }),
  );
}

describe('pairs', () => {
  it.each([
    ['', []],
    ['&&', []],
    ['a=1', ['query query:a=1']],
    ['a=', []],
    ['a=b+c&d', ['query query:a=b c', 'query query=d']],
    ['a.b=1', ['name query:a.b=a.b', 'query query:a.b=1']],
    ['<a+b=c', ['name query:<a b=<a b', 'query query:<a b=<a b=c', 'query query:<a b=c']],
    ['onload=x', ['query query:onload=onload=x', 'query query:onload=x']],
    ['YWJjZGVmZw==', ['query query=YWJjZGVmZw==']],
  ])('%j has the values %j', (text, expected) => {
    expect(seen((visit) => visitPairs(text, 'query', visit))).toEqual(expected);
  });

  it('of a form stand in the body', () => {
    expect(seen((visit) => visitPairs('a=1', 'form', visit))).toEqual(['form body:a=1']);
  });

  it.each([
    [
      `q=${encodeURIComponent('{"a":"x","$ne":["y"]}')}`,
      ['json query:q$.a=x', "name query:q$['$ne']={$ne:", "json query:q$['$ne'][0]=y"],
    ],
    [`q=${encodeURIComponent(encodeURIComponent('["x"]'))}`, ['json query:q$[0]=x']],
    ['q={"a"}', []],
    ['q=[1, 2', []],
  ])('a value that is a document is read as one, and as text: %s', (text, expected) => {
    const value = text.slice(2);
    expect(seen((visit) => visitPairs(text, 'query', visit))).toEqual([...expected, `query query:q=${value}`]);
  });

  it('stop at the first that is enough', () => {
    expect(stopped((visit) => visitPairs(`a=${encodeURIComponent('["x"]')}`, 'query', visit))).toEqual(new Set([true]));
    expect(stopped((visit) => visitPairs('a.b=1&c&<d=2&e=3', 'query', visit))).toEqual(new Set([true]));
  });

  it.each([
    ['user-id9', false],
    ['a'.repeat(25), true],
    ['a b', true],
    ['a$', true],
    ['é', true],
  ])('the name %j is worth a look: %s', (name, expected) => {
    expect(isNameWorth(name)).toBe(expected);
  });
});

describe('JSON', () => {
  const document = { a: 'x', $ne: 1, 'b c': ['y', { d: 'z' }, null, true, ''], query: '{ u(n: "v") { id } }' };
  it('has every key that could say something, and every string, each with its path', () => {
    expect(seen((visit) => visitJson(document, visit))).toEqual([
      'json body:$.a=x',
      "name body:$['$ne']={$ne:",
      "name body:$['b c']=b c",
      "json body:$['b c'][0]=y",
      "json body:$['b c'][1].d=z",
      'json body:query=v',
    ]);
  });

  it('stops at the first that is enough', () => {
    const { query: _, ...rest } = document;
    expect(stopped((visit) => visitJson(rest, visit))).toEqual(new Set([true]));
  });

  it('has documents in its strings read, four deep, and each string as text, too', () => {
    let value: unknown = 'x';
    for (let depth = 0; depth < 6; depth += 1) value = JSON.stringify({ a: value });
    const found = seen((visit) => visitJson({ a: value }, visit));
    expect(found.map((text) => text.split('=')[0])).toEqual([
      'json body:$.a.a.a.a.a',
      'json body:$.a.a.a.a',
      'json body:$.a.a.a',
      'json body:$.a.a',
      'json body:$.a',
    ]);
    expect(stopped((visit) => visitJson({ a: '{"b":"c"}' }, visit))).toEqual(new Set([true]));
    // What people laid out on lines is a file.
    expect(seen((visit) => visitJson({ a: '{\n"b":"c"}' }, visit))).toHaveLength(1);
  });

  it('that only looks like GraphQL is a string as any other', () => {
    expect(seen((visit) => visitJson({ query: "' or 1=1" }, visit))).toEqual(["json body:$.query=' or 1=1"]);
    // A string in the document stopped the visit: the whole is shown once more, and judged as such.
    const visited: string[] = [];
    visitJson({ query: document.query }, ({ value }) => {
      visited.push(value);
      return true;
    });
    expect(visited).toEqual(['v', document.query]);
  });

  it('of any shape never throws, and shows each string once', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), (values) => {
        const found = seen((visit) => visitJson({ a: { b: values } }, visit));
        expect(found).toEqual(values.map((value, at) => `json body:$.a.b[${at}]=${value}`));
      }),
    );
    fc.assert(fc.property(fc.jsonValue(), (value) => !visitJson(value, () => false)));
  });
});

describe('GraphQL', () => {
  it.each([
    ['{ a { b } }', []],
    ['query Q($a: ID!) { user(id: $a, n: "x\\"y") { ...F } }', ['json body:q=x\\"y']],
    ['# note\n mutation { a(b: """x "y" z""", c: "") { d } }', ['json body:q= note', 'json body:q=x "y" z']],
    ['fragment F on X { a }', []],
  ])('%j is a document with the strings %j', (text, expected) => {
    expect(visitGraphql(text, 'q', () => false)).toBe('document');
    expect(seen((visit) => visitGraphql(text, 'q', visit))).toEqual(expected);
  });

  it.each(['', 'select 1', '{ a', '{ a } }', '} { {', '{ a; }', "{ a(b: ') { c } }", 'query'])('%j is none', (text) => {
    expect(visitGraphql(text, 'q', () => true)).toBe('other');
  });

  it('stops at the first string that is enough', () => {
    expect(stopped((visit) => visitGraphql('{ a(b: "x", c: "y") }', 'q', visit))).toEqual(new Set(['stopped']));
  });
});

describe('tables', () => {
  it.each([
    ['a,b\nx,y\n', ['text body:a=a', 'text body:b=b', 'text body:a=x', 'text body:b=y']],
    ['a;b\r\n"x;""z""";', ['text body:a=a', 'text body:b=b', 'text body:a=x;"z"']],
    ['a\tb', ['text body:a=a', 'text body:b=b']],
    ['6" pipe,b', ['text body:6" pipe=6" pipe', 'text body:b=b']],
    ['a\n1,2', ['text body:a=a', 'text body:a=1', 'text body:=2']],
    ['', []],
  ])('%j has the cells %j', (text, expected) => {
    expect(seen((visit) => visitCsv(text, visit))).toEqual(expected);
    expect(visitCsv(text, () => false)).toBe('done');
  });

  it.each(['a,"b', 'a,"b"c'])('%j is none: readers would differ', (text) => {
    expect(visitCsv(text, () => true)).toBe('other');
    expect(seen((visit) => visitBody(text, 'text/csv', visit))).toEqual([`text body=${text}`]);
  });

  it('stop at the first cell that is enough', () => {
    expect(stopped((visit) => visitCsv('a,b\nc,d', visit))).toEqual(new Set(['stopped']));
    expect(visitBody('a,b', 'text/csv; charset=utf-8', () => true)).toEqual({ kind: 'stopped' });
  });
});

describe('XML', () => {
  it.each([
    ['<a>x<b> y </b></a>', ['xml body=x', 'xml body=y']],
    ['<a b="x" c=\'y\' d=""/>', ['xml body:@b=x', 'xml body:@c=y']],
    ['<a xmlns="u" xmlns:b="v"> </a>', []],
    ['<a><![CDATA[x>y]]><![CDATA[z]]></a>', ['xml body=', 'xml body=x>y', 'xml body=z']],
    ['<a><![CDATA[open', ['xml body=', 'xml body=open']],
    ['<!DOCTYPE a [<!ENTITY b "c">', ['xml body=<!DOCTYPE a [<!ENTITY b "c">']],
    [
      '<?xml version="1"?><xsl:include href="u"/>',
      ['xml body=<?xml version="1"?>\n<xsl:include href="u"/>', 'xml body:@version=1', 'xml body:@href=u'],
    ],
    ['<a xsi:schemaLocation="u"/>', ['xml body=<a xsi:schemaLocation="u"/>']],
    ['no mark', []],
    ['xinclude', ['xml body=']],
  ])('%j has the values %j', (text, expected) => {
    expect(seen((visit) => visitXml(text, visit))).toEqual(expected);
  });

  it('stops at the first value that is enough, of each kind', () => {
    expect(stopped((visit) => visitXml('<!DOCTYPE x><a b="c"><![CDATA[d]]><e>f</e></a>', visit))).toEqual(
      new Set([true]),
    );
  });
});

describe('a form with parts', () => {
  it.each([
    ['multipart/form-data; boundary=b', 'b'],
    ['multipart/form-data;boundary="b c"; x=y', 'b c'],
    ['multipart/form-data', undefined],
    ['multipart/form-data; boundary=a; Boundary=b', undefined],
  ])('T3: %s names the one boundary %j', (type, expected) => {
    expect(boundaryOf(type)).toBe(expected);
  });

  const form = [
    'preamble',
    '--b ',
    'Content-Disposition: form-data; name="a"',
    '',
    'x',
    '--b',
    'content-disposition: form-data; name="f"; filename="g.txt"; filename*=utf-8\'\'h.txt',
    'Content-Type: text/plain',
    '',
    'one\r\n\r\ntwo',
    '--b',
    'Content-Disposition: form-data; name=""; filename=""',
    'X-Empty:',
    '',
    '',
    '--b--',
  ].join('\r\n');

  it('has names, file names, header fields and contents', () => {
    expect(seen((visit) => visitMultipart(form, 'b', visit))).toEqual([
      'name body:a=a',
      'form body:a=x',
      'name body:f=f',
      'file body:f=g.txt',
      "file body:f=utf-8''h.txt",
      'header body:f=text/plain',
      'text body:f=one\r\n\r\ntwo',
    ]);
    expect(visitMultipart(form, 'b', () => false)).toBe('done');
    expect(stopped((visit) => visitMultipart(form, 'b', visit))).toEqual(new Set(['stopped']));
  });

  it.each(['', 'b', '--b', '--b\r\n\r\nx', '--bx\r\n\r\nx\r\n--b--', '--b\r\nx\r\n--b--'])(
    'T3: %j is malformed: readers differ in what they make of it',
    (text) => {
      expect(visitMultipart(text, 'b', () => false)).toBe('malformed');
    },
  );

  it('of any text never throws', () => {
    const pieces = fc.constantFrom('--b', '--', '\r\n', '\n', 'name=', '"', ';', 'filename', ':', 'x', '\\');
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        expect(['done', 'malformed']).toContain(visitMultipart(parts.join(''), 'b', () => false));
      }),
    );
  });
});

describe('text', () => {
  const where = { kind: 'text', place: 'body', name: '' } as const;
  it.each([
    ['', []],
    ['plain\ntext', ['text body=plain\ntext']],
    ['\0\x01\x02\x03a readable run\0\x01short\0', ['text body=a readable run']],
    ['\0\x01\x02\x03', []],
  ])('%j is read as %j', (text, expected) => {
    expect(seen((visit) => visitPlainText(text, where, visit))).toEqual(expected);
  });
});

describe('a body, by its declared type', () => {
  const JSON_BODY = '{"a":"x"}';
  it.each([
    ['application/json', JSON_BODY, ['json body:$.a=x']],
    ['APPLICATION/JSON; charset=utf-8', `\ufeff${JSON_BODY}`, ['json body:$.a=x']],
    ['application/problem+json', JSON_BODY, ['json body:$.a=x']],
    ['application/x-ndjson', `${JSON_BODY}\n\nx y`, ['json body:$.a=x', 'text body=x y']],
    ['application/x-www-form-urlencoded', 'a=x', ['form body:a=x']],
    ['application/x-www-form-urlencoded', 'a=<b', ['form body:a=<b', 'text body=a=<b']],
    ['application/xml', '<a>x</a>', ['xml body=x']],
    ['image/svg+xml', 'x', ['text body=x']],
    ['application/graphql', '{ a(b: "x") }', ['json body:query=x']],
    ['application/graphql', 'x', ['text body=x']],
    ['multipart/form-data; boundary=b', '--b\n\nx\n--b--', ['form body:=x']],
    ['', JSON_BODY, ['json body:$.a=x']],
    ['', '["x"]', ['json body:$[0]=x']],
    ['', '{"a":', ['text body={"a":']],
    ['', '<?xml version="1"?><a/>', ['xml body:@version=1', 'text body=<?xml version="1"?><a/>']],
    ['', 'a=x', ['form body:a=x', 'text body=a=x']],
    ['text/plain', '', []],
  ])('%s %j has the values %j', (type, text, expected) => {
    expect(seen((visit) => visitBody(text, type, visit))).toEqual(expected);
    expect(visitBody(text, type, () => false)).toEqual({ kind: 'done' });
    if (expected.length > 0)
      expect(stopped((visit) => visitBody(text, type, visit))).toEqual(new Set([{ kind: 'stopped' }]));
  });

  it.each([
    ['application/json', '{"a":1,"a":2}'],
    ['application/json', '{'],
    ['multipart/form-data', 'x'],
    ['multipart/form-data; boundary=b', 'x'],
  ])('T3: %s %j is malformed, and says by which rule', (type, text) => {
    expect(visitBody(text, type, () => false)).toEqual({ kind: 'malformed', rule: expect.stringMatching(/^\w+: \w/) });
  });

  const types = ['application/json', 'application/xml', 'application/graphql', 'application/x-ndjson', 'text/plain'];
  it.each([...types, 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b'])(
    '%s: never throws, whatever the text',
    (type) => {
      const pieces = fc.constantFrom(
        '{',
        '}',
        '"',
        '<a',
        '>',
        '<![CDATA[',
        ']]>',
        '=',
        '&',
        ':',
        '--b',
        '\n',
        'x',
        '\\',
        '\0',
      );
      fc.assert(
        fc.property(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            fc.array(pieces).map((it) => it.join('')),
          ),
          (text) => {
            expect(['done', 'malformed']).toContain(visitBody(text, type, () => false).kind);
          },
        ),
      );
    },
  );

  it.each([
    ['text/plain', 'x y '],
    ['text/plain', '\0xxxxxxxxxxxx'],
    ['application/x-www-form-urlencoded', 'a=&'],
    ['application/x-www-form-urlencoded', '<'],
    ['application/x-ndjson', '{\n'],
    ['application/json', '['],
    ['application/xml', '<![CDATA['],
    ['application/xml', '<a b="'],
    ['application/xml', '>'],
    ['multipart/form-data; boundary=b', '--b\n'],
    ['multipart/form-data; boundary=b', ';name="\\'],
  ])('%s: reads 200 000 characters of %j to their end', (type, piece) => {
    // The long tests hold the time to it; here a reader that is not linear would not come back.
    expect(() => visitBody(piece.repeat(Math.floor(200_000 / piece.length)), type, () => false)).not.toThrow();
  });
});

describe('the head of a request', () => {
  const head = (changes: Parameters<typeof request>[0]) => (visit: FieldVisitor) =>
    visitHead(request({ path: '/', headers: [], ...changes }), visit);
  it.each([
    ['a short path', { path: '/a' }, ['path path=/a']],
    ['long segments', { path: '/aaaaaaaaaaaaaa/b' }, ['path path=/aaaaaaaaaaaaaa/b', 'path path=aaaaaaaaaaaaaa']],
    ['a query', { query: 'a=1' }, ['query query:a=1']],
    ['a header', { headers: ['x-a', '<b>'] }, ['header header:x-a=<b>', 'name header:x-a=x-a']],
    [
      'a file name',
      { headers: ['x-file-name', 'a.php'] },
      ['file header:x-file-name=a.php', 'name header:x-file-name=x-file-name'],
    ],
    ['no ordinary value', { headers: ['accept', 'text/html;q=0.9', 'host', 'a.test'] }, []],
    [
      'an ordinary header with an odd value',
      { headers: ['host', "a'b"] },
      ["header header:host=a'b", 'name header:host=host'],
    ],
    ['no credential', { headers: ['authorization', 'Bearer a.b', 'proxy-authorization', 'Basic YQ=='] }, []],
    [
      'cookies',
      { headers: ['cookie', 'a=1; b; c='] },
      ['cookie cookie:a=1', 'name cookie:a=a', 'cookie cookie:=b', 'name cookie:c=c'],
    ],
    [
      'a cookie line with quotes',
      { headers: ['cookie', "a='"] },
      ["cookie header:cookie=a='", "cookie cookie:a='", 'name cookie:a=a'],
    ],
    ['no cookie of the gate', { headers: ['cookie', 'token=x; __Host-refresh=y; control-token=z'] }, []],
  ])('has %s', (_, changes, expected) => {
    expect(seen(head(changes))).toEqual(expected);
    if (expected.length > 0) expect(stopped(head(changes))).toEqual(new Set([true]));
  });
});

describe('which fields a setting speaks of', () => {
  it.each([
    ['query:q', 'query:q', true],
    ['query:q', 'query:qq', false],
    ['body:*', 'body:$.a', true],
    ['body:*', 'query:a', false],
    ['body:$.m[*].c', 'body:$.m[12].c', true],
    ['body:$.m[*].c', 'body:$.m[12].d', false],
    ['body:$.m[*].c', 'body:$.m', false],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c', false],
    ['a*bc*c', 'abc', false],
    ['a*a', 'a', false],
    ['*', '', true],
  ])('%s speaks of %s: %s', (pattern, path, expected) => {
    expect(fieldPattern(pattern).matches(path)).toBe(expected);
  });
});
