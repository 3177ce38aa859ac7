import { describe, expect, it } from 'vitest';

import { context, NO_BODY, NOW, request } from '../../test/fixtures.ts';
import { decide } from '../decide.ts';
import type { GuardContext } from '../guard.ts';
import type { RouteWaf } from '../policy/policy.ts';
import { wafInspector } from '../waf/waf.ts';
import { wafGuard } from './waf.ts';

const SETTINGS: RouteWaf = {
  mode: 'enforce',
  threshold: 5,
  classThresholds: {},
  fields: [],
  exceptions: [],
  config: 'guards.waf',
};
const INSPECTOR = wafInspector();
const ATTACK = "' UNION SELECT password FROM users--";

function withBody(text: string, type = 'application/json', isUtf8 = true): GuardContext {
  return context({
    request: request({ method: 'POST', bodyBytes: text.length, headers: ['content-type', type] }),
    body: { ...NO_BODY, text: () => Promise.resolve({ text, isUtf8 }) },
  });
}

async function outcome(ctx: GuardContext, settings: Partial<RouteWaf> = {}) {
  const decision = await decide([wafGuard({ ...SETTINGS, ...settings }, INSPECTOR)], ctx);
  return { code: decision.denial?.code, detail: decision.denial?.facts.detail, finding: decision.findings[0] };
}

const deep = (value: unknown, depth: number): unknown => (depth === 0 ? value : { a: deep(value, depth - 1) });

describe('WK15: an attack is refused wherever it stands', () => {
  const script = '<script>alert(1)</script>';
  it.each([
    ['path', request({ path: '/a/..%5C..%5Cetc/passwd' })],
    ['a segment in Base64', request({ path: '/x/PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg' })],
    ['query', request({ query: 'a=1&q=1%27%20or%201%3D1--' })],
    ['a name', request({ query: `${encodeURIComponent(ATTACK)}=1` })],
    ['a query without names', request({ query: encodeURIComponent(script) })],
    ['padded Base64 for a query', request({ query: 'XCctYWxlcnQoMSkvLw==' })],
    ['markup with an = of its own', request({ query: '%3Cimg%20src=x%20onerror=alert(1)%3E' })],
    ['any header', request({ headers: ['x-anything', script] })],
    ['an ordinary header', request({ headers: ['accept-language', ATTACK] })],
    ['the name of a header', request({ headers: ['${jndi:ldap://x/a}', '1'] })],
    ['authorization that is no credential', request({ headers: ['authorization', script] })],
    ['a cookie', request({ headers: ['cookie', `a=1; b=${encodeURIComponent(ATTACK)}`] })],
    ['a cookie that is cut at ;', request({ headers: ['cookie', "a=<a href='java%0ascript:x;alert(1)'>"] })],
    ['the name of an upload', request({ headers: ['x-file-name', 'a.php'] })],
  ])('%s', async (_, made) => {
    expect((await outcome(context({ request: made }))).code).toBe('content-refused');
  });

  it.each([
    ['JSON', JSON.stringify({ a: ATTACK }), 'application/json'],
    ['JSON of a dialect', JSON.stringify([ATTACK]), 'application/vnd.api+json; charset=utf-8'],
    ['a JSON key', JSON.stringify({ [ATTACK]: 1 }), 'application/json'],
    ['an operator as a key', JSON.stringify({ user: { $ne: 1 } }), 'application/json'],
    ['depth 60', JSON.stringify(deep(ATTACK, 60)), 'application/json'],
    ['index 5000', JSON.stringify([...Array.from({ length: 5000 }, () => 'x'), ATTACK]), 'application/json'],
    ['after 1 MB', JSON.stringify({ a: `${'a'.repeat(1_048_576)} ${script}` }), 'application/json'],
    ['after 8 KB of words', JSON.stringify({ a: `${'word '.repeat(1600)}${script}` }), 'application/json'],
    ['lines of JSON', `{"a":1}\n${JSON.stringify({ a: ATTACK })}\n`, 'application/x-ndjson'],
    ['lines that are none', `{"a":1}\n${ATTACK}`, 'application/x-ndjson'],
    ['a form', `a=1&b=${encodeURIComponent(ATTACK)}`, 'application/x-www-form-urlencoded'],
    ['a form cut by markup', '<iframe src=//x?a=1&b=2>', 'application/x-www-form-urlencoded'],
    ['XML text', `<a><b>${ATTACK}</b></a>`, 'application/xml'],
    ['an XML attribute', '<a b="&lt;script&gt;alert(1)&lt;/script&gt;"/>', 'text/xml'],
    ['CDATA', `<a><![CDATA[${script}]]></a>`, 'text/xml'],
    ['an entity', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', 'application/xml'],
    ['text declared as XML', ATTACK, 'application/xml'],
    ['a string of GraphQL', `query { user(name: ${JSON.stringify(ATTACK)}) { id } }`, 'application/graphql'],
    [
      'GraphQL in JSON',
      JSON.stringify({ query: `{ user(name: ${JSON.stringify(ATTACK)}) { id } }` }),
      'application/json',
    ],
    ['something that only claims to be GraphQL', ATTACK, 'application/graphql'],
    ['plain text', ATTACK, 'text/plain'],
    ['JSON as plain text', JSON.stringify({ a: ATTACK }), 'text/plain'],
    ['a form without a type', `a=${encodeURIComponent(ATTACK)}`, ''],
    ['XML without a type', `<?xml version="1.0"?><a>${ATTACK}</a>`, ''],
    [
      'script in a picture',
      `\u0089PNG\u0000\u0001\u0002\u0003\u0000\u0001\u0002 <?php system($_GET['c']); ?> \u0000\u0001`,
      'image/png',
    ],
  ])('%s', async (_, body, type) => {
    expect((await outcome(withBody(body, type))).code).toBe('content-refused');
  });

  const part = (head: string, content: string) =>
    `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n--b--\r\n`;
  it.each([
    ['a value', part('name="a"', ATTACK)],
    ['a name', part(`name="${script.replaceAll('"', '')}"`, 'x')],
    ['a file name', part('name="f"; filename="shell.php"', 'x')],
    ['a file', part('name="f"; filename="a.txt"', script)],
    ['bare line feeds', `--b\nContent-Disposition: form-data; name=a\n\n${ATTACK}\n--b--\n`],
    ['after a preamble', `hello\r\n${part('name="a"', ATTACK)}`],
    [
      'a header field of a part',
      `--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: ${script}\r\n\r\nx\r\n--b--`,
    ],
  ])('a form with parts: %s', async (_, body) => {
    expect((await outcome(withBody(body, 'multipart/form-data; boundary=b'))).code).toBe('content-refused');
  });
});

describe('what is no attack passes', () => {
  it.each([
    ['JSON', JSON.stringify({ name: "O'Brien", note: 'salt & pepper; 50% off', $ref: '#/a' }), 'application/json'],
    [
      'a document that quotes an attack',
      JSON.stringify({
        body: `# SQL injection\n\nThe text \`' OR 1=1 --\` is the classic of all the examples that you will find.\n\n- It ends the string\n- It is always true\n\nThis is why you should use parameters.`,
      }),
      'application/json',
    ],
    [
      'GraphQL',
      JSON.stringify({ query: 'query Q($a: ID!) { user(id: $a) { name ... on X { y } } }', variables: { a: '1' } }),
      'application/json',
    ],
    ['a form', 'a=1&b=two+words&c=', 'application/x-www-form-urlencoded'],
    ['XML', '<?xml version="1.0"?><a xmlns="http://www.w3.org/2000/svg"><b c="d">e</b></a>', 'application/xml'],
    [
      'parts',
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b\r\n\r\nno head\r\n--b--',
      'multipart/form-data; boundary="b"',
    ],
    ['octets', '\u0000\u0001\u0002\u00ff\u0003\u0004abc', 'application/octet-stream'],
    ['nothing', '', 'application/json'],
  ])('%s', async (_, body, type) => {
    expect((await outcome(withBody(body, type))).code).toBeUndefined();
  });

  it('credentials, own cookies and ordinary headers are not inspected', async () => {
    const headers = [
      'authorization',
      'Bearer abc.def',
      'cookie',
      "token=' or 1=1--; a",
      'accept',
      '*/*;q=0.8',
      'host',
      'a.example',
    ];
    // The whole cookie line is inspected where it holds quotes: a foreign cookie could hide behind our name.
    expect(
      (await outcome(context({ request: request({ headers: headers.with(3, 'token=eyJ.a.b; a') }) }))).code,
    ).toBeUndefined();
    expect(
      (await outcome(context({ request: request({ headers: ['referer', 'http://localhost:3000/x'] }) }))).code,
    ).toBeUndefined();
  });

  it('an address that a browser is sent to is not one that a server calls', async () => {
    const query = 'redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcb';
    expect((await outcome(context({ request: request({ query }) }))).code).toBeUndefined();
    expect((await outcome(context({ request: request({ query: query.replace('redirect_uri', 'url') }) }))).code).toBe(
      'content-refused',
    );
  });
});

describe('bodies that cannot be read', () => {
  it.each([
    ['JSON that is none', '{"a":', 'application/json', 'body-invalid'],
    ['a key twice', '{"a":1,"a":2}', 'application/json', 'body-invalid'],
    ['nesting beyond 64', JSON.stringify(deep(1, 65)), 'application/json', 'body-invalid'],
    [
      'parts without an end',
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
      'multipart/form-data; boundary=b',
      'body-invalid',
    ],
    ['parts without a beginning', 'x', 'multipart/form-data; boundary=b', 'body-invalid'],
    ['a part without a head', '--b\r\nx\r\n--b--', 'multipart/form-data; boundary=b', 'body-invalid'],
    ['a boundary with something after it', '--bc\r\n\r\nx\r\n--b--', 'multipart/form-data; boundary=b', 'body-invalid'],
    ['no boundary', 'x', 'multipart/form-data', 'body-invalid'],
    ['two boundaries', 'x', 'multipart/form-data; boundary=a; boundary=b', 'body-invalid'],
    ['another charset', 'x', 'text/plain; charset=utf-7', 'media-type-refused'],
  ])('%s: 4xx', async (_, body, type, code) => {
    expect((await outcome(withBody(body, type))).code).toBe(code);
  });

  it('JSON that is not UTF-8 is refused', async () => {
    expect((await outcome(withBody('{"a":"\u00ff"}', 'application/json', false))).code).toBe('body-invalid');
    expect((await outcome(withBody('a=\u00ff', 'text/plain', false))).code).toBeUndefined();
  });
});

describe('what is said of a refusal', () => {
  it('nothing to the caller; class, rule, field, evidence and the exception to the operator', async () => {
    const { detail, finding } = await outcome(withBody(JSON.stringify({ items: [{ 'odd key': ATTACK }] })));
    expect(detail).toBeUndefined();
    expect(finding).toMatchObject({
      guard: 'waf',
      rule: 'sqli-string-union',
      field: "body:$.items[0]['odd key']",
      config: 'guards.waf',
    });
    expect(finding?.evidence).toContain('sqli: a string that ends, and UNION');
    expect(finding?.exception).toContain('rule: sqli-string-union');
  });

  it('in shadow it is recorded and passes', async () => {
    const { code, finding } = await outcome(withBody(JSON.stringify({ a: ATTACK })), { mode: 'shadow' });
    expect(code).toBeUndefined();
    expect(finding).toMatchObject({ rule: 'sqli-string-union', shadow: true });
  });

  it('a rule that throws refuses the request, and in shadow passes it: never silently', async () => {
    const broken = {
      hits: () => {
        throw new Error('broken rule');
      },
    };
    for (const [mode, code] of [
      ['enforce', 'unavailable'],
      ['shadow', undefined],
    ] as const) {
      const decision = await decide([wafGuard({ ...SETTINGS, mode }, broken)], context());
      expect(decision.denial?.code).toBe(code);
      expect(decision.cause).toMatchObject({ message: 'broken rule' });
      expect(decision.findings).toMatchObject([{ guard: 'waf', rule: 'guard failed' }]);
    }
  });
});

describe('settings', () => {
  const body = withBody(JSON.stringify({ q: "1' or '1'='1", note: 'x' }));

  it('a higher threshold, for all classes or for one, lets weaker signs pass', async () => {
    expect((await outcome(body)).code).toBe('content-refused');
    expect((await outcome(body, { threshold: 20 })).code).toBeUndefined();
    expect((await outcome(body, { classThresholds: { sqli: 20 } })).code).toBeUndefined();
  });

  it('a profile says what a field holds', async () => {
    expect((await outcome(body, { fields: [{ field: 'body:$.q', profile: 'code' }] })).code).toBeUndefined();
    expect((await outcome(body, { fields: [{ field: 'body:$.note', profile: 'code' }] })).code).toBe('content-refused');
  });

  it.each([
    [{ rule: '*', field: 'body:$.q' }, undefined],
    [{ rule: '*', field: 'body:*' }, undefined],
    [{ rule: '*', field: 'body:$.*' }, undefined],
    [{ rule: '*', field: 'body:$.a*q' }, 'content-refused'],
    [{ rule: '*', field: 'body:*z*q' }, 'content-refused'],
    [{ rule: '*', field: 'query:q' }, 'content-refused'],
    [{ rule: 'xss-call', field: 'body:$.q' }, 'content-refused'],
    [{ rule: '*', field: 'body:$.q', untilMs: NOW + 1 }, undefined],
    [{ rule: '*', field: 'body:$.q', untilMs: NOW }, 'content-refused'],
  ])('an exception %j covers its rule, its field, its time', async (exception, code) => {
    const exceptions = [{ reason: 'test', config: 'guards.waf.exceptions[0]', ...exception }];
    expect((await outcome(body, { exceptions })).code).toBe(code);
  });
});
