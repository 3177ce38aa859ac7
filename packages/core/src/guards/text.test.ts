import { describe, expect, it } from 'vitest';

import { context, NO_BODY, principal, request } from '../../test/fixtures.ts';
import { decide } from '../decide.ts';
import type { GuardContext } from '../guard.ts';
import type { RouteText } from '../policy/policy.ts';
import { textGuard } from './text.ts';

const SETTINGS: RouteText = {
  mode: 'enforce',
  limits: { charactersMax: 20, urlsMax: 1, phonesMax: 1 },
  tenants: {},
  fields: [],
  onExcess: 'violation',
  config: 'guards.text',
};

function withBody(text: string, type = 'application/json', isUtf8 = true): GuardContext {
  const headers = type === '' ? [] : ['content-type', type];
  return context({
    request: request({ method: 'POST', bodyBytes: text.length, headers }),
    body: { ...NO_BODY, text: () => Promise.resolve({ text, isUtf8 }) },
  });
}

async function outcome(ctx: GuardContext, settings: Partial<RouteText> = {}) {
  const { denial, findings } = await decide([textGuard({ ...SETTINGS, ...settings })], ctx);
  return { code: denial?.code, facts: denial?.facts, isViolation: denial?.violation === 'text', finding: findings[0] };
}

const json = (value: unknown) => withBody(JSON.stringify(value));
const LONG = 'x'.repeat(21);

describe('WK4: the length of texts', () => {
  it('counts characters, not code units: a surrogate pair is one', async () => {
    expect((await outcome(json({ text: '😀'.repeat(20) }))).code).toBeUndefined();
    expect((await outcome(json({ text: '😀'.repeat(21) }))).code).toBe('text-refused');
  });

  it.each([
    ['JSON', json({ a: [{ b: LONG }] }), 'body:$.a[0].b'],
    ['a JSON key', json({ [LONG]: 1 }), `body:$.${LONG}`],
    ['a JSON text', json(LONG), 'body:$'],
    ['lines of JSON', withBody(`{"a":1}\n\n{"b":"${LONG}"}\n`, 'application/x-ndjson'), 'body:$.b'],
    ['a form', withBody(`a=1&&b=${'%C3%A9'.repeat(21)}`, 'application/x-www-form-urlencoded'), 'body:b'],
    ['XML', withBody(`<a><b>${LONG}</b></a>`, 'application/xml'), 'body'],
    ['plain text', withBody(LONG, 'text/plain'), 'body'],
    ['no type', withBody(LONG, ''), 'body'],
    ['JSON without a type', withBody(`{"a":"${LONG}"}`, ''), 'body:$.a'],
    ['a form without a type', withBody(`a=${LONG}`, ''), 'body:a'],
    ['a type that nobody knows', withBody(`[${LONG.slice(1)}`, 'application/x-thing'), 'body'],
    ['the query', context({ request: request({ query: `a=1&q=${LONG}` }) }), 'query:q'],
    ['a name in the query', context({ request: request({ query: LONG }) }), `query:${LONG}`],
  ])('is limited in %s', async (_, ctx, field) => {
    const { code, facts, finding } = await outcome(ctx);
    expect(code).toBe('text-refused');
    expect(facts?.limit).toEqual({ name: 'charactersMax', max: 20, field });
    expect(facts?.detail).toBe(`${field} may have at most 20 characters.`);
    expect(finding).toMatchObject({
      field,
      evidence: '21 characters',
      rule: 'charactersMax 20',
      config: 'guards.text',
    });
    expect(finding?.exception).toBe('routes[0].guards.text: { charactersMax: 21 }');
  });

  const part = (head: string, content: string) =>
    `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n--b--\r\n`;
  it('is limited in the values of a form with parts, not in its files', async () => {
    const type = 'multipart/form-data; boundary=b';
    expect((await outcome(withBody(part('name="a"', LONG), type))).facts?.limit?.field).toBe('body:a');
    expect((await outcome(withBody(part('name="a"; filename="f"', LONG), type))).code).toBeUndefined();
  });

  it('is not limited in what is no text, nor where it is off', async () => {
    expect((await outcome(withBody(LONG, 'image/png', false))).code).toBeUndefined();
    expect((await outcome(json({ text: LONG }), { limits: {} })).code).toBeUndefined();
    expect((await outcome(context({ request: request({ bodyBytes: 5, upgrade: 'websocket' }) }))).code).toBeUndefined();
  });
});

describe('WK4: texts are valid UTF-8, or refused', () => {
  it.each([
    ['an overlong form', 'a=%C0%AF'],
    ['a surrogate', 'a=%ED%A0%80'],
    ['a stray octet', 'a=%FF'],
    ['an end before the end', 'a=%E2%82'],
    ['a name', '%FF=1'],
    ['NUL', 'a=%00'],
  ])('%s in the query', async (_, query) => {
    expect((await outcome(context({ request: request({ query }) }))).code).toBe('input-invalid');
    expect((await outcome(withBody(query, 'application/x-www-form-urlencoded'))).code).toBe('body-invalid');
  });

  it.each([
    ['octets that are no UTF-8', withBody('{"a":"\xff"}', 'application/json', false)],
    ['octets without a type', withBody('\xff', '', false)],
    ['half a surrogate pair', withBody('{"a":"\\ud800"}')],
    ['half a pair in a key', withBody('{"\\udc00":1}')],
    ['NUL in JSON', withBody('{"a":"\\u0000"}')],
    ['NUL in text', withBody('a\0b', 'text/plain')],
    ['JSON that is none', withBody('{"a":')],
    ['a key twice', withBody('{"a":1,"a":2}')],
    ['lines that are none', withBody('{"a":1}\n{', 'application/x-ndjson')],
    ['parts without a boundary', withBody('x', 'multipart/form-data')],
    ['parts without an end', withBody('--b\r\n\r\nx', 'multipart/form-data; boundary=b')],
  ])('%s', async (_, ctx) => {
    expect((await outcome(ctx)).code).toBe('body-invalid');
  });

  it('a form with a file that is none still has values that are judged', async () => {
    const parts = (value: string) =>
      `--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n\xff\xfe\r\n--b\r\nContent-Disposition: form-data; name=a\r\n\r\n${value}\r\n--b--`;
    const type = 'multipart/form-data; boundary=b';
    expect((await outcome(withBody(parts('100% \xc3\xa9'), type, false))).code).toBeUndefined();
    expect((await outcome(withBody(parts('\xc0\xaf'), type, false))).code).toBe('body-invalid');
  });

  it.each(['utf-16', 'utf-7', 'iso-8859-1'])('the character set %s is not accepted', async (charset) => {
    const { code, isViolation } = await outcome(withBody('a', `text/plain; charset=${charset}`));
    expect(code).toBe('media-type-refused');
    expect(isViolation).toBe(false);
  });

  it('a % that encodes nothing is one', async () => {
    expect((await outcome(context({ request: request({ query: 'a=100%&b=50%zz' }) }))).code).toBeUndefined();
  });
});

describe('WK3: web addresses and telephone numbers', () => {
  it('are counted over all texts of a request', async () => {
    const settings = { limits: { urlsMax: 2, phonesMax: 2 } };
    expect((await outcome(json({ a: 'a.com', b: ['b.com'] }), settings)).code).toBeUndefined();
    const { facts, finding } = await outcome(json({ a: 'a.com', b: ['b.com', 'see c.com'] }), settings);
    expect(facts).toEqual({
      detail: 'A request may hold at most 2 web addresses.',
      limit: { name: 'urlsMax', max: 2, field: 'body:$.b[1]' },
    });
    expect(finding).toMatchObject({ rule: 'urlsMax 2', evidence: '3: a.com, b.com, c.com' });
    const phones = await outcome(json({ a: '+49 30 901820, +49 30 901821', b: '+49 30 901822' }), settings);
    expect(phones.facts?.limit).toEqual({ name: 'phonesMax', max: 2, field: 'body:$.b' });
    expect(phones.finding?.evidence).not.toMatch(/901820/);
  });

  it('T13: count against the caller, unless the configuration says otherwise', async () => {
    const two = json({ a: 'a.com b.com' });
    expect(await outcome(two)).toMatchObject({ code: 'text-refused', isViolation: true });
    expect(await outcome(two, { onExcess: 'refuse' })).toMatchObject({ code: 'text-refused', isViolation: false });
    expect(await outcome(withBody('a=%00', 'application/x-www-form-urlencoded'))).toMatchObject({ isViolation: true });
  });

  it('T3: in shadow nothing is refused, and everything recorded', async () => {
    const { code, finding } = await outcome(json({ a: 'a.com b.com' }), { mode: 'shadow' });
    expect(code).toBeUndefined();
    expect(finding).toMatchObject({ guard: 'text', shadow: true });
  });
});

describe('which texts, and whose', () => {
  it.each([
    ['the field', ['body:$.text'], { text: LONG }],
    ['what lies below it', ['body:$.text'], { text: [{ a: LONG }] }],
    ['its name in another case', ['body:$.text'], { Text: LONG }],
    ['the whole body', ['body'], { other: LONG }],
    ['any text', ['body:$.messages[*].content'], { messages: [{ content: 'x' }, { content: LONG }] }],
  ])('a choice covers %s', async (_, fields, body) => {
    expect((await outcome(json(body), { fields })).code).toBe('text-refused');
  });

  it('a choice leaves others alone, but not their encoding', async () => {
    const fields = ['body:$.text', 'query:q'];
    expect((await outcome(json({ textual: LONG, other: { text: LONG } }), { fields })).code).toBeUndefined();
    expect((await outcome(withBody('{"other":"\\u0000"}'), { fields })).code).toBe('body-invalid');
    expect((await outcome(context({ request: request({ query: `q=${LONG}` }) }), { fields })).code).toBe(
      'text-refused',
    );
    expect((await outcome(withBody(`q=${LONG}`, ''), { fields: ['body:q'] })).code).toBe('text-refused');
  });

  it('a tenant may have limits of its own', async () => {
    const tenants = { acme: { charactersMax: 30 } };
    const of = (tenantId: string) => ({ ...json({ text: LONG }), principal: principal({ tenantId }) });
    expect((await outcome(of('acme'), { tenants })).code).toBeUndefined();
    expect((await outcome(of('other'), { tenants })).code).toBe('text-refused');
    expect((await outcome(of('constructor'), { tenants })).code).toBe('text-refused');
  });
});
