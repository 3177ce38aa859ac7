import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { NOW, request } from '../../test/fixtures.ts';
import { type ValueInspector, valueInspector } from './inspect-value.ts';
import { literalSearch } from './literals.ts';
import type { FieldKind, Rule } from './rule.ts';
import { waf, wafInspector, type WafPolicy } from './waf.ts';

const POLICY: WafPolicy = { threshold: 5, classThresholds: {}, fields: [], exceptions: [] };

const CODE = `const a = 1;\nconst b = 2;\nconst c = 3;\n${'x'.repeat(80)};`;

function rule(changes: Partial<Rule>): Rule {
  const base = { id: 'r', cls: 'xss', score: 5, reason: 'why', literals: ['abc'], pattern: /abc/ } as const;
  return { ...base, attacks: [], harmless: [], ...changes };
}

describe('looking for literals', () => {
  const search = literalSearch(
    new Map([
      ['he', [0]],
      ['she', [1, 4]],
      ['hers', [2]],
      ['\n', [3]],
      ['~x', [5]],
    ]),
  );
  it.each([
    ['ushers', [0, 1, 2, 4]],
    ['a\nb', [3]],
    ['he he he', [0]],
    ['é~x~', [5]],
    ['h e', []],
    ['', []],
  ])('finds in %j the owners %j, each once', (text, expected) => {
    expect(search.owners(text).toSorted((a, b) => a - b)).toEqual(expected);
  });

  it('finds what a search for each by itself would find', () => {
    const alphabet = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.uniqueArray(alphabet, { maxLength: 8 }), fc.array(alphabet), (literals, parts) => {
        const text = parts.join('');
        const owners = literalSearch(new Map(literals.map((literal, at) => [literal, [at]]))).owners(text);
        const expected = literals.flatMap((literal, at) => (text.includes(literal) ? [at] : []));
        expect(owners.toSorted((a, b) => a - b)).toEqual(expected);
      }),
    );
  });
});

describe('inspecting a value', () => {
  const inspector = valueInspector(
    [
      rule({}),
      rule({ id: 'twice', score: 2, literals: ['ab', 'bc'] }),
      rule({ id: 'header', fields: ['header'] }),
      rule({ id: 'glued', views: ['glued'], pattern: /x ?abc/ }),
    ],
    [
      {
        ids: ['length'],
        cls: 'sqli',
        literals: ['abc'],
        detect: (text) => ({ rule: 'length', score: text.length, reason: 'r', evidence: text }),
      },
    ],
  );
  const rules = (value: string, kind: FieldKind = 'query'): readonly string[] =>
    inspector
      .hits(value, kind)
      .map((hit) => hit.rule)
      .toSorted();

  it('a short line of a document is read as a field of a form is, and rules have kinds and texts of their own to leave out', () => {
    const odd = valueInspector(
      [
        rule({ id: 'form', fields: ['form'] }),
        rule({ id: 'except', except: ['json'] }),
        rule({ id: 'unless', unless: /^no/ }),
      ],
      [],
    );
    const of = (value: string, kind: FieldKind) => odd.hits(value, kind).map((hit) => hit.rule);
    expect(of('=abc=', 'json')).toEqual(['form', 'unless']);
    expect(of('=abc=', 'form')).toEqual(['form', 'except', 'unless']);
    expect(of(`=abc=${'x'.repeat(300)}`, 'json')).toEqual(['unless']);
    expect(of('=abc=\n', 'json')).toEqual(['unless']);
    expect(of('no=abc', 'form')).toEqual(['form', 'except']);
  });

  it('runs the rules whose literals, field and view are there, and each once', () => {
    expect(rules('=abcabc=')).toEqual(['length', 'r', 'twice']);
    expect(rules('=abc=', 'header')).toEqual(['header', 'length', 'r', 'twice']);
    expect(rules("x a'b'c")).toEqual(['glued']);
    expect(rules('=nothing=')).toEqual([]);
  });

  it('keeps the worst of the readings, with what matched', () => {
    const hits = inspector.hits('=%61bc=', 'query');
    expect(hits.find((hit) => hit.rule === 'r')).toEqual({
      rule: 'r',
      cls: 'xss',
      score: 5,
      reason: 'why',
      evidence: 'abc',
    });
    expect(inspector.hits('%3dabc%3d', 'query').find((hit) => hit.rule === 'length')?.score).toBe(9);
  });

  it.each([
    ['abc', 'query', 0],
    ['a b:abc', 'json', 0],
    ['abc', 'path', 3],
    ['abc', 'file', 3],
    ['abcd_abc', 'query', 3],
    ['ab', 'path', 0],
    ['2026-11-22:10', 'query', 0],
    ['192.0.2.1', 'query', 0],
    ['a -abc', 'query', 3],
    ['abc', 'header', 4],
  ] as const)('the value %j of kind %s has %d signs: short words and numbers say nothing', (value, kind, count) => {
    expect(rules(value, kind)).toHaveLength(count);
  });

  it('WK15: never throws, whatever the value', () => {
    const real = wafInspector();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (value) => {
        expect(real.hits(value, 'query').every((hit) => hit.score > 0)).toBe(true);
      }),
    );
  });

  it('what headers repeat is known by heart, whatever came in between, and attacks are found every time', () => {
    const real = wafInspector();
    const attack = '<script>alert(1)</script>';
    const clean = { header: real.hits('a/b; c', 'header'), again: real.hits('a/b; c', 'header') };
    expect(clean).toEqual({ header: [], again: [] });
    for (let at = 0; at < 4100; at += 1) real.hits(`value/${at}`, 'cookie');
    expect(real.hits(attack, 'header')).toEqual(real.hits(attack, 'header'));
    expect(real.hits(attack, 'header')).not.toHaveLength(0);
    expect(real.hits(`${attack}${' '.repeat(300)}`, 'name')).not.toHaveLength(0);
  });
});

describe('judging a field', () => {
  /** Signs as given, in every value. */
  const signs = (...scores: readonly number[]): ValueInspector => ({
    hits: () => scores.map((score, at) => ({ rule: `r${at}`, cls: 'sqli', score, reason: 'why', evidence: 'it' })),
  });
  const body = (policy: Partial<WafPolicy>, inspector: ValueInspector, document: unknown = { a: 'x' }) =>
    waf({ ...POLICY, ...policy }, inspector).body({ text: JSON.stringify(document), type: 'application/json' }, NOW);

  it.each([
    ['one sign that suffices', [5], 'default', 5],
    ['one that does not', [4], 'default', undefined],
    ['two signs are more than one', [4, 2], 'default', 5],
    ['the worst counts fully, wherever it stands', [2, 4], 'default', 5],
    ['an identifier takes less', [3], 'identifier', 3],
    ['text takes more', [8], 'text', undefined],
    ['in text a second sign counts a third', [8, 3], 'text', 9],
    ['in code a second sign is only source code', [11, 9], 'code', undefined],
    ['in markdown one strong sign suffices', [12], 'markdown', 12],
  ] as const)('%s', (_, scores, profile, score) => {
    const result = body({ fields: [{ field: 'body:$.a', profile }] }, signs(...scores));
    expect(result.kind === 'attack' ? result.finding.score : undefined).toBe(score);
  });

  it.each([
    ['password', 'x', 'secret'],
    ['code', 'y'.repeat(41), 'code'],
    ['other', 'y'.repeat(41), 'default'],
    ['other', 'Please tell me what you think about the garden that we saw in the city.', 'text'],
    ['name', CODE, 'text'],
    ['other', CODE, 'code'],
    ['other', '{"a":1}', 'text'],
    ['user_id', 'Please tell me what you think about the garden that we saw in the city.', 'default'],
    ['other', '请问为什么这个查询这么慢，页面里明明有这个元素。', 'text'],
  ])('the field %s with %j is read as %s', (name, value, profile) => {
    expect(body({}, signs(50), { [name]: value })).toMatchObject({
      kind: 'attack',
      finding: { profile, field: `body:$.${name}` },
    });
  });

  it('what people and models tell each other may quote attacks', () => {
    const content = 'Please tell me what you think about the garden that we saw in the city.';
    const at = { messages: [{ content }], notes: [{ content }] };
    expect(body({}, signs(11), at)).toMatchObject({ finding: { profile: 'text', field: 'body:$.notes[0].content' } });
    expect(body({}, signs(12), at)).toMatchObject({ finding: { profile: 'markdown' } });
  });

  it('source code in the field of a form is a text at most, and in XML a value', () => {
    const form = (value: string) => ({
      text: `q=${encodeURIComponent(value)}`,
      type: 'application/x-www-form-urlencoded',
    });
    const profileOf = (content: { text: string; type: string }) => waf(POLICY, signs(50)).body(content, NOW);
    expect(profileOf(form(CODE))).toMatchObject({ finding: { profile: 'default' } });
    expect(profileOf(form(CODE.repeat(3)))).toMatchObject({ finding: { profile: 'text' } });
    expect(profileOf({ text: `<a><![CDATA[${CODE}]]></a>`, type: 'text/xml' })).toMatchObject({
      finding: { profile: 'default' },
    });
  });

  it('T14: an address of the server itself counts where an application calls what it is sent', () => {
    const local: ValueInspector = {
      hits: (_, kind) =>
        kind === 'name' ? [] : [{ rule: 'ssrf-loopback', cls: 'ssrf', score: 5, reason: 'why', evidence: 'it' }],
    };
    expect(body({}, local, { target_url: 'x' }).kind).toBe('clean');
    expect(body({}, local, { note: 'x' }).kind).toBe('attack');
    expect(body({ fields: [{ field: 'body:$.target_url', profile: 'url' }] }, local, { target_url: 'x' }).kind).toBe(
      'attack',
    );
  });

  it('a class with a threshold of its own is judged by that', () => {
    expect(body({ classThresholds: { sqli: 9 } }, signs(8)).kind).toBe('clean');
    expect(body({ classThresholds: { xss: 9 } }, signs(8)).kind).toBe('attack');
  });

  it('an exception lets its rule pass in its field until its time', () => {
    const exceptions = [{ rule: 'r0', field: 'body:$.a', reason: 'x', config: 'c', untilMs: NOW + 1 }];
    expect(body({ exceptions }, signs(8)).kind).toBe('clean');
    expect(body({ exceptions }, signs(8, 7))).toMatchObject({ finding: { rule: 'r1' } });
    expect(body({ exceptions: exceptions.map((it) => ({ ...it, untilMs: NOW })) }, signs(8)).kind).toBe('attack');
  });

  it('an address for browsers is no forged request of a server, and still an attack of another class', () => {
    const ssrf: ValueInspector = {
      hits: (_, kind) => (kind === 'name' ? [] : [{ rule: 'r', cls: 'ssrf', score: 9, reason: 'why', evidence: 'it' }]),
    };
    const head = (inspector: ValueInspector, headers: readonly string[]) =>
      waf(POLICY, inspector).head(request({ path: '/', query: '', headers }), NOW);
    expect(waf(POLICY, ssrf).head(request({ path: '/', query: 'next=1', headers: [] }), NOW)).toBeUndefined();
    expect(waf(POLICY, ssrf).head(request({ path: '/', query: 'url=1', headers: [] }), NOW)?.cls).toBe('ssrf');
    expect(head(ssrf, ['referer', 'x'])).toBeUndefined();
    expect(head(ssrf, ['x-callback', 'x'])?.cls).toBe('ssrf');
    expect(head(signs(9), ['referer', 'x'])).toMatchObject({ cls: 'sqli', field: 'header:referer' });
  });

  it('what cannot be read is malformed, unless an attack was found before', () => {
    const text = '--b\r\n\r\nx\r\n--b\r\nno head';
    const type = 'multipart/form-data; boundary=b';
    expect(waf(POLICY, signs()).body({ text, type }, NOW).kind).toBe('malformed');
    expect(waf(POLICY, signs(9)).body({ text, type }, NOW).kind).toBe('attack');
  });
});
