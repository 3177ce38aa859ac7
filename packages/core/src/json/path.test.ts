import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonPath } from '../ownership/operation.ts';
import { compileJsonPath, foldName, hasLookalike, isPlural, member, selectAll, selectStrict } from './path.ts';

function path(text: string): JsonPath {
  const compiled = compileJsonPath(text);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled;
}

describe('compileJsonPath', () => {
  it.each([
    ['$', []],
    ['$.id', ['id']],
    ["$['a b'].c", ['a b', 'c']],
    ['$.list[*].id', ['list', { every: true }, 'id']],
    ['$[*]', [{ every: true }]],
    ['$.$ref.a-b', ['$ref', 'a-b']],
  ])('compiles %s', (text, steps) => {
    expect(compileJsonPath(text)).toEqual({ text, steps });
  });

  it.each(['', 'id', '$.', '$..id', '$[0]', '$.*', '$.a[', "$['a", '$.a b', '$[?(@.x)]', "$['']", '$.1'])(
    'refuses %s',
    (text) => {
      expect(compileJsonPath(text)).toHaveProperty('problem');
    },
  );

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const compiled = compileJsonPath(`$${text}`);
        expect('problem' in compiled ? compiled.problem : compiled.text).not.toBe('');
      }),
    );
  });

  it('knows which paths name many values', () => {
    expect(isPlural(path('$.a[*].b'))).toBe(true);
    expect(isPlural(path('$.a.b'))).toBe(false);
  });
});

describe('selection', () => {
  const value = { chats: [{ id: 'a' }, {}, { id: 'b' }, null], one: { id: 'c' } };

  it('selects every value and passes over branches that end early', () => {
    expect(selectAll(value, path('$.chats[*].id'))).toEqual(['a', 'b']);
    expect(selectAll(value, path('$.one.id'))).toEqual(['c']);
    expect(selectAll(value, path('$.one[*]'))).toEqual([]);
    expect(selectAll(value, path('$.chats.id'))).toEqual([]);
    expect(selectAll(value, path('$'))).toEqual([value]);
  });

  it('never selects what is inherited', () => {
    expect(selectAll({}, path('$.constructor'))).toEqual([]);
    expect(member('text', 'length')).toBeUndefined();
  });

  it.each([
    ['$.chats[*].id', { chats: [{ id: 'a' }, { id: 'b' }] }, { ok: true, values: ['a', 'b'] }],
    ['$.chats[*].id', { chats: [{ id: 'a' }, {}] }, { ok: false, rule: 'absent' }],
    ['$.chats[*].id', { chats: [] }, { ok: false, rule: 'absent' }],
    ['$.chats[*].id', {}, { ok: false, rule: 'absent' }],
    ['$.chats[*]', { chats: { 0: 'a' } }, { ok: false, rule: 'absent' }],
    ['$.id', undefined, { ok: false, rule: 'absent' }],
    ['$.chatIds', { chatIds: ['a'], ChatIds: ['b'] }, { ok: false, rule: 'ambiguous' }],
    ['$.chatIds[*]', { chatIds: ['a'], 'chatIds[0]': 'b' }, { ok: false, rule: 'ambiguous' }],
    ['$.chatIds[*]', { chatIds: ['a'], 'Chat_Ids.0': 'b' }, { ok: false, rule: 'ambiguous' }],
    ['$.chatIds', { chatIds: 'a', 'chatIds\0': 'b' }, { ok: false, rule: 'ambiguous' }],
    ['$.a[*].id', { a: [{ id: 1 }, { id: 2, ID: 3 }] }, { ok: false, rule: 'ambiguous' }],
  ])('T6: selects strictly: %s in %j', (text, document, expected) => {
    expect(selectStrict(document, path(text))).toEqual(expected);
  });

  it.each(['chatids', 'CHATIDS', 'chat_ids', 'chat-ids', 'chatIds[]', 'chatId\u017F', ' chatIds', 'chatIds\0'])(
    'T6: sees that %j can be read as chatIds',
    (key) => {
      expect(hasLookalike({ chatIds: 1, [key]: 2 }, 'chatIds')).toBe(true);
    },
  );

  it('takes no other name for a look-alike', () => {
    expect(hasLookalike({ chatIds: 1, chatId: 2 }, 'chatIds')).toBe(false);
    expect(hasLookalike(['chatIds'], 'chatIds')).toBe(false);
    expect(foldName('to\u212Aen')).toBe('token');
  });
});
