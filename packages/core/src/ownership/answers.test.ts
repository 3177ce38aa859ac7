import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileJsonPath } from '../json/path.ts';
import { filterLists, listedIds, newObjectId } from './answers.ts';
import type { JsonPath, Operation, Resource } from './operation.ts';

const CHAT: Resource = {
  upstream: 'app',
  name: 'chat',
  config: 'ownership[0]',
  isId: (id) => /^(?:[a-z]|\d+)$/.test(id),
};
const USER: Resource = { ...CHAT, name: 'user', isId: (id) => /^u[a-z]$/.test(id) };
const NOTHING: Operation = {
  pathIds: [],
  requestIds: [],
  creates: undefined,
  lists: [],
  deletes: false,
  events: undefined,
  messages: undefined,
  unowned: undefined,
};

function path(text: string): JsonPath {
  const compiled = compileJsonPath(text);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled;
}

const listing = (...paths: string[]): Operation => ({
  ...NOTHING,
  lists: paths.map((at) => ({ resource: CHAT, at: path(at) })),
});
const mine = (_: Resource, id: string): boolean => id === 'a' || id === '7' || id === 'ua';

describe('newObjectId', () => {
  const creating: Operation = { ...NOTHING, creates: { resource: CHAT, at: path('$.chat.id') } };

  it.each([
    [{ chat: { id: 'a' } }, 'a'],
    [{ chat: { id: 42 } }, '42'],
  ])('finds the id in %j', (answer, id) => {
    expect(newObjectId(creating, answer)).toEqual({ ok: true, id });
  });

  it.each([
    {},
    { chat: {} },
    { chat: { id: null } },
    { chat: { id: 'A' } },
    { chat: { id: ['a'] } },
    { chat: { id: 1.5 } },
    { chat: { id: 2 ** 53 } },
    { chat: { id: -0 } },
    { chat: { id: '' } },
    { chat: { id: true } },
    null,
    'a',
    undefined,
  ])('T5: refuses %j, whose object could not be claimed', (answer) => {
    expect(newObjectId(creating, answer)).toMatchObject({ ok: false });
  });

  it('refuses an operation that creates nothing', () => {
    expect(newObjectId(NOTHING, { id: 'a' })).toEqual({ ok: false, rule: 'creates nothing' });
  });
});

describe('listedIds', () => {
  it('names each readable id once, by resource', () => {
    const operation: Operation = {
      ...NOTHING,
      lists: [...listing('$.a[*].id', '$.b[*]').lists, { resource: USER, at: path('$.a[*].user') }],
    };
    const answer = { a: [{ id: 'a', user: 'ua' }, { id: 'A' }, {}], b: ['a', 'b', 7] };
    expect(listedIds(operation, answer)).toEqual(
      new Map([
        [CHAT, ['a', 'b', '7']],
        [USER, ['ua']],
      ]),
    );
  });
});

describe('filterLists', () => {
  it.each([
    [
      '$.chats[*].id',
      { chats: [{ id: 'a' }, { id: 'b' }, { id: 7 }], total: 3 },
      { chats: [{ id: 'a' }, { id: 7 }], total: 3 },
    ],
    ['$[*].id', [{ id: 'b' }], []],
    ['$[*]', ['a', 'b'], ['a']],
    [
      '$.groups[*].chats[*].id',
      { groups: [{ chats: [{ id: 'a' }, { id: 'b' }] }, { chats: [{ id: 'b' }] }, { name: 'x' }] },
      { groups: [{ chats: [{ id: 'a' }] }, { chats: [] }] },
    ],
    [
      '$.chats[*].meta.id',
      { chats: [{ meta: { id: 'a' } }, { meta: { id: 'b' } }, { meta: null }] },
      { chats: [{ meta: { id: 'a' } }] },
    ],
    [
      '$.chats[*].id',
      { chats: [{}, { id: null }, { id: 'A' }, { id: ['a'] }, null, 'a', { id: { id: 'a' } }] },
      { chats: [] },
    ],
    ['$.chats[*].id', { chats: null }, { chats: null }],
    ['$.current.id', { current: { id: 'a' } }, { current: { id: 'a' } }],
  ])('T8: by %s, %j becomes %j', (at, answer, expected) => {
    expect(filterLists(listing(at), answer, mine)).toEqual(expected);
  });

  it.each([
    ['$.current.id', { current: { id: 'b' } }],
    ['$.chats[*].id', { items: [{ id: 'b' }] }],
    ['$.chats[*].id', { chats: { 0: { id: 'b' } } }],
    ['$.chats[*].id', 'b'],
    ['$[*]', undefined],
  ])('T8: by %s, %j is withheld as a whole', (at, answer) => {
    expect(filterLists(listing(at), answer, mine)).toBeUndefined();
  });

  it('wants every declared id of an element to be owned, and withholds once it withheld', () => {
    const operation: Operation = {
      ...NOTHING,
      lists: [...listing('$.a[*].id').lists, { resource: USER, at: path('$.a[*].user') }],
    };
    const answer = {
      a: [
        { id: 'a', user: 'ua' },
        { id: 'a', user: 'ub' },
        { id: 'b', user: 'ua' },
      ],
    };
    expect(filterLists(operation, answer, mine)).toEqual({ a: [{ id: 'a', user: 'ua' }] });
    expect(filterLists(listing('$.x.id', '$.a[*].id'), answer, mine)).toBeUndefined();
  });

  it('keeps what is beside, in its order, and __proto__ as data', () => {
    const answer: unknown = JSON.parse('{"z":1,"__proto__":{"list":[{"id":"a"},{"id":"b"}]},"y":2}');
    expect(JSON.stringify(filterLists(listing('$.__proto__.list[*].id'), answer, mine))).toBe(
      '{"z":1,"__proto__":{"list":[{"id":"a"}]},"y":2}',
    );
  });

  it('T8: never leaves an id that is refused, whatever the answer', () => {
    const id = fc.oneof(fc.constantFrom('a', 'b', 'c', 7, 8, null), fc.jsonValue());
    const element = fc.oneof(fc.record({ id }, { requiredKeys: [] }), fc.jsonValue());
    const group = fc.oneof(fc.record({ chats: fc.oneof(fc.array(element), fc.jsonValue()) }), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.record({ groups: fc.oneof(fc.array(group), fc.jsonValue()) }),
        fc.func(fc.boolean()),
        (answer, judge) => {
          const owned = (_: Resource, each: string): boolean => judge(each);
          const operation = listing('$.groups[*].chats[*].id');
          const filtered = filterLists(operation, answer, owned);
          for (const ids of listedIds(operation, filtered).values())
            expect(ids.every((each) => judge(each))).toBe(true);
          expect(filterLists(operation, filtered, owned)).toEqual(filtered);
        },
      ),
    );
  });
});
