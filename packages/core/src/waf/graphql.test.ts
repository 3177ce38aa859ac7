import { describe, expect, it } from 'vitest';
import { visitGraphql } from './graphql.ts';

function visit(text: string): { readonly kind: string; readonly values: readonly string[] } {
  const values: string[] = [];
  const kind = visitGraphql(text, 'query', (field) => {
    values.push(field.value);
    return false;
  });
  return { kind, values };
}

describe('WK15: a GraphQL document', () => {
  it.each<[string, readonly string[]]>([
    ['{ orders(first: 5, after: "abc") { id total } }', ['abc']],
    ['query Q($id: ID! = "x") { node(id: $id) { ...F @include(if: true) } }', ['x']],
    ['mutation { say(text: """a "quoted" word""", n: -1.5) { id } }', ['a "quoted" word']],
    ['# union select 1\n{ a { b } }', [' union select 1']],
    ['{ a(b: "\\" or 1=1 --") }', ['\\" or 1=1 --']],
  ])('%j shows what stands in its strings and comments', (text, values) => {
    expect(visit(text)).toEqual({ kind: 'document', values });
  });

  it.each([
    '{x("" union select password from users --)}',
    '{a($(id))}',
    '{x(b: "$(cat etc)) {a}}',
    '{a} ; drop table users',
    '{ a(b: `id`) }',
    '{ a }}{ b',
    '{ a',
    '{ a(b: "two\nlines") }',
  ])('%j is none, and read as any other text', (text) => {
    expect(visit(text).kind).toBe('other');
  });

  it('stops where the visitor says so', () => {
    expect(visitGraphql('{ a(b: "x", c: "y") }', 'query', () => true)).toBe('stopped');
  });

  it.each(['{ a(b: "\\"', '{ a(b: """', '{ a("" ', '{ #\n', '{ ...'])('%j many times over is read once', (piece) => {
    // A reader that goes back would not come back from half a megabyte.
    expect(visit(`{ a ${piece.repeat(Math.floor(500_000 / piece.length))}`).values.length).toBeLessThan(500_000);
  });
});
