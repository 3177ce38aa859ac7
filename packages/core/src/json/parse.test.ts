import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from './parse.ts';

describe('parseStrictJson', () => {
  it.each([
    ['{"a":1,"a":2}', 'duplicate key'],
    ['{"a":1,"\\u0061":2}', 'duplicate key'],
    ['{"x":[{"a":{"b":1,"c":2,"b":3}}]}', 'duplicate key'],
    ['{"__proto__":1,"__proto__":2}', 'duplicate key'],
    ['', 'not JSON'],
    ['{"a":}', 'not JSON'],
    ['{"a":1}{"b":2}', 'not JSON'],
    ['"open', 'not JSON'],
    ["{'a':1}", 'not JSON'],
    ['{"a":1,}', 'not JSON'],
    ['NaN', 'not JSON'],
    ['\u{FEFF}{}', 'not JSON'],
    ['"\\ud800"', 'value without one reading'],
    ['{"\\udfff":1}', 'value without one reading'],
    ['"\ud800"', 'value without one reading'],
    ['[1e999]', 'value without one reading'],
    ['[-1e999]', 'value without one reading'],
  ])('T6: refuses %s as %s', (text, rule) => {
    expect(parseStrictJson(text)).toMatchObject({ ok: false, rule });
  });

  it('refuses deep nesting before it is parsed, and says where', () => {
    const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(parseStrictJson(deep(64)).ok).toBe(true);
    expect(parseStrictJson(deep(65))).toEqual({ ok: false, rule: 'too deep', at: 64 });
    expect(parseStrictJson('['.repeat(1_000_000))).toEqual({ ok: false, rule: 'too deep', at: 64 });
    expect(parseStrictJson('{"a":{"b":1}}', { depthMax: 1 })).toMatchObject({ rule: 'too deep' });
  });

  it('counts nothing inside strings', () => {
    const value = { 'a:"{[\\': 'x:\\"{[{', b: '\\\\', c: ['\\"', '":'] };
    expect(parseStrictJson(JSON.stringify(value))).toEqual({ ok: true, value });
  });

  it('keeps __proto__ as data and changes no prototype', () => {
    const parsed = parseStrictJson('{"__proto__":{"admin":true}}');
    expect(parsed.ok && JSON.stringify(parsed.value)).toBe('{"__proto__":{"admin":true}}');
    expect(parsed.ok && Object.getPrototypeOf(parsed.value)).toBe(Object.prototype);
  });

  it('agrees with JSON.parse on every document without duplicates', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8, stringUnit: 'binary' }), (text) => {
        expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it('finds a duplicate wherever it is put', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.nat(5), (key, value, depth) => {
        const name = JSON.stringify(key);
        const text = `{${name}:${JSON.stringify(value)},"_${depth}":0,${name}:1}`;
        expect(parseStrictJson('['.repeat(depth) + text + ']'.repeat(depth)).ok).toBe(false);
      }),
    );
  });

  it('never throws', () => {
    const nearly = fc
      .array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', '1', 'a', '\\u', '"a"'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' })), (text) => {
        const parsed = parseStrictJson(text);
        expect(parsed).toEqual(parsed.ok ? { ok: true, value: JSON.parse(text) } : parsed);
      }),
    );
  });

  it('takes linear time on strings full of backslashes', () => {
    const text = `["${'\\\\'.repeat(300_000)}","${'\\"'.repeat(300_000)}"]`;
    expect(parseStrictJson(text).ok).toBe(true);
  });
});
