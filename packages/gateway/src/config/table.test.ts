import type { TableRow } from '@steadygate/core';
import { describe, expect, it } from 'vitest';

import { tableJson, tableText } from './table.ts';

const GUARDS = [
  'address',
  'sensitive-path',
  'method',
  'size',
  'cors',
  'limit.address',
  'session',
  'limit.principal',
  'permission',
  'csrf',
];

function row(more: Partial<TableRow>): TableRow {
  return {
    methods: '*',
    path: '/api/**',
    access: 'session',
    permission: 'chats:read / chats:write',
    guards: GUARDS,
    upstream: 'assistant',
    config: 'routes[0]',
    ownership: 'isolated',
    ...more,
  };
}

describe('the table', () => {
  it('shows routes in order, aligned, and every set of guards once', () => {
    expect(
      tableText([
        row({}),
        row({ path: '/x', access: 'deny', permission: '-', guards: ['address', 'deny'] }),
        row({ path: '/y' }),
      ]),
    ).toBe(
      [
        'METHODS  PATH     ACCESS   PERMISSION                UPSTREAM   OBJECTS   GUARDS',
        '*        /api/**  session  chats:read / chats:write  assistant  isolated  A',
        '*        /x       deny     -                         assistant  isolated  B',
        '*        /y       session  chats:read / chats:write  assistant  isolated  A',
        '',
        'Guards, in the order in which they run:',
        '  A   address sensitive-path method size cors limit.address session limit.principal permission csrf',
        '  B   address deny',
        '',
      ].join('\n'),
    );
  });

  it('stays within 120 columns and loses no character', () => {
    const path = `/api/${'segment/'.repeat(20)}{id}`;
    const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
    const many = Array.from({ length: 30 }, (_, at) => `guard-${String(at)}`);
    const text = tableText([row({ path, methods, guards: many, upstream: 'u'.repeat(60) })]);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    for (const guard of many) expect(text).toContain(guard);
    expect(text.match(/segment/g)).toHaveLength(20);
    expect(text.match(/u/g)?.length).toBeGreaterThanOrEqual(60);
  });

  it('names more sets than the alphabet has letters', () => {
    const rows = Array.from({ length: 28 }, (_, at) => row({ guards: [`g${String(at)}`] }));
    expect(tableText(rows)).toContain('  AB  g27');
  });

  it('gives programs the same rows', () => {
    expect(JSON.parse(tableJson([row({})]))).toEqual([row({})]);
  });

  it('is empty without routes', () => {
    expect(tableText([])).toContain('METHODS');
  });
});
