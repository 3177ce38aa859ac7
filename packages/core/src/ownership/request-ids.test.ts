import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../egress/secret-forms.ts';
import { compileJsonPath } from '../json/path.ts';
import type { JsonPath, Resource } from './operation.ts';
import { bodyIds, hasOddInteger, isJsonBody, queryIds } from './request-ids.ts';

const CHAT: Resource = { upstream: 'app', name: 'chat', config: 'ownership[0]', isId: (id) => /^[a-z]$/.test(id) };

function path(text: string): JsonPath {
  const compiled = compileJsonPath(text);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled;
}

describe('request ids', () => {
  it('T6: a query never names two ids for one parameter, whatever it is made of', () => {
    const part = fc.constantFrom('chatId', 'chatid', 'ch%61tId', '=', '&', ';', '[]', '%5B', 'a', 'b', '%', '+');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const query = parts.join('');
        const named = queryIds([{ resource: CHAT, at: { query: 'chatId' } }], query);
        if (!named.ok) return;
        expect(named.ids).toHaveLength(1);
        const [id = ''] = named.ids.map((each) => each.id);
        if (CHAT.isId(id)) expect(lastOf(query, 'chatId')).toBe(id);
      }),
    );
  });

  it('never throws', () => {
    const anything = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(anything, fc.jsonValue(), fc.uint8Array(), (text, json, bytes) => {
        expect(queryIds([{ resource: CHAT, at: { query: 'chatId' } }], text)).toHaveProperty('ok');
        expect(bodyIds([{ resource: CHAT, at: { body: path('$.a[*].b') } }], json)).toHaveProperty('ok');
        expect([isJsonBody(['content-type', text]), hasOddInteger(bytes)]).toHaveLength(2);
      }),
    );
  });

  it.each([
    ['[12, -3, 0, 1.5, "1.0", "\\"1e0"]', false],
    ['{"a":1.0}', true],
    ['1e0', true],
    ['-0', true],
    ['12345678901234567890', true],
    ['[0.99999999999999999999]', true],
    ['["\\\\", 1.0]', true],
    ['true', false],
  ])('T9: a whole number has one spelling: %s', (text, expected) => {
    expect(hasOddInteger(encodeUtf8(text))).toBe(expected);
  });
});

/** Reads a query as a simple server does: the last parameter of a name wins. */
function lastOf(query: string, name: string): string | undefined {
  const pairs = query.split(/[&;]/).map((pair) => pair.split('='));
  return pairs.findLast(([key]) => key === name)?.[1];
}
