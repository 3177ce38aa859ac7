import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OwnershipPolicy } from '../policy/policy.ts';
import { compileOperations, type OperationTable } from './compile.ts';

const EMPTY: OwnershipPolicy = {
  config: 'ownership[0]',
  upstream: 'app',
  resource: 'chat',
  idPattern: '[0-9a-f]{4}',
  creates: {},
  guards: [],
  ids: {},
  lists: {},
  deletes: [],
  events: [],
  messages: [],
  unowned: {},
};

const CHATS: OwnershipPolicy = {
  ...EMPTY,
  creates: { 'POST /api/chats': '$.id' },
  guards: ['/api/chats/{id}/**'],
  ids: { 'POST /api/search': ['$.chatIds[*]'], 'GET /api/export': ['query:chatId'] },
  lists: { 'GET /api/chats': ['$.chats[*].id'] },
  deletes: ['DELETE /api/chats/{id}'],
  events: [{ path: '/ws', id: '$.chatId' }],
  messages: [{ path: '/ws', type: '$.type', send: { say: 'chats:write' }, id: '$.chatId' }],
  unowned: { 'GET /assets/**': 'front end', 'GET /': 'front end' },
};

const PROJECTS: OwnershipPolicy = {
  ...EMPTY,
  config: 'ownership[1]',
  resource: 'project',
  idPattern: 'p\\d+',
  guards: ['/api/projects/{id}/**'],
};

const PROJECT_CHATS: OwnershipPolicy = {
  ...EMPTY,
  guards: ['/api/projects/{project}/chats/{id}/**'],
  creates: { 'POST /api/projects/{project}/chats': '$.id' },
  deletes: ['DELETE /api/projects/{project}/chats/{id}'],
};

function table(...ownership: OwnershipPolicy[]): OperationTable {
  const compiled = compileOperations(ownership);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.operations;
}

function idsOf(operations: OperationTable, method: string, path: string): string[] | 'undeclared' | undefined {
  const operation = operations.match('app', method, path);
  if (operation === undefined || operation === 'undeclared') return operation;
  return operation.pathIds.map(({ resource, objectId }) => `${resource.name}:${objectId}`);
}

describe('compileOperations', () => {
  const operations = table(CHATS);

  it('says nothing of an upstream that isolates nothing', () => {
    expect(operations.match('other', 'GET', '/api/chats')).toBeUndefined();
    expect(operations.isIsolated('other')).toBe(false);
    expect(operations.isIsolated('app')).toBe(true);
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('T6: guards a path for method %s', (method) => {
    expect(idsOf(operations, method, '/api/chats/00ff')).toEqual(['chat:00ff']);
    expect(idsOf(operations, method, '/api/chats/00ff/messages/1')).toEqual(['chat:00ff']);
  });

  it('tells what is created, listed, named, deleted, streamed and unowned', () => {
    expect(operations.match('app', 'POST', '/api/chats')).toMatchObject({
      creates: { at: { text: '$.id' } },
      lists: [],
    });
    expect(operations.match('app', 'GET', '/api/chats')).toMatchObject({ lists: [{ at: { text: '$.chats[*].id' } }] });
    expect(operations.match('app', 'HEAD', '/api/chats')).toMatchObject({ lists: [{}] });
    expect(operations.match('app', 'POST', '/api/search')).toMatchObject({ requestIds: [{ at: { body: {} } }] });
    expect(operations.match('app', 'GET', '/api/export')).toMatchObject({ requestIds: [{ at: { query: 'chatId' } }] });
    expect(operations.match('app', 'DELETE', '/api/chats/00ff')).toMatchObject({ deletes: true });
    expect(operations.match('app', 'DELETE', '/api/chats/00ff/messages')).toMatchObject({ deletes: false });
    expect(operations.match('app', 'GET', '/ws')).toMatchObject({
      events: {},
      messages: { send: new Map([['say', 'chats:write']]) },
    });
    expect(operations.match('app', 'GET', '/assets/a/b.js')).toMatchObject({ unowned: 'front end', pathIds: [] });
    expect(operations.match('app', 'HEAD', '/')).toMatchObject({ unowned: 'front end' });
  });

  it.each([
    ['DELETE', '/api/chats'],
    ['PUT', '/api/chats'],
    ['HEAD', '/ws'],
    ['POST', '/ws'],
    ['POST', '/assets/x'],
    ['GET', '/api/search'],
    ['GET', '/api'],
    ['GET', '/api/chats/'],
    ['GET', '/nowhere'],
  ])('T6: %s %s, which nobody declared, is undeclared', (method, path) => {
    expect(operations.match('app', method, path)).toBe('undeclared');
  });

  it.each([
    '/API/chats/00ff',
    '/api/Chats/00ff',
    '/api;v=1/chats/00ff',
    '/api/chats;x/00ff',
    '//api/chats/00ff',
    '/api//chats/00ff',
    '/api/%63hats/00ff',
    '/api/%2563hats/00ff',
    '/api%2Fchats/00ff',
    '/api%5Cchats/00ff',
    '/assets/..;/api/chats/00ff',
    '/assets/..;x=1/api/chats/00ff',
    '/assets/%2E%2E/api/chats/00ff',
    '/assets/%252e%252e%252fapi/chats/00ff',
    '/assets/../api/chats/00ff',
    '/api/chats/;x',
    '/api/chats//00ff',
    '/api/chats./00ff',
    '/api/chats%20/00ff',
    '/api%E3%80%80/chats/00ff',
    '/%EF%BD%81pi/chats/00ff',
    '/api/ch%E2%80%8Bats/00ff',
    '/api/chat%C5%BF/00ff',
    '/api/%25252563hats/00ff',
    '/assets/%EF%BC%8E%EF%BC%8E/api/chats/00ff',
  ])('T9: %s, which a lenient server may take for a guarded path, is undeclared', (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) expect(operations.match('app', method, path)).toBe('undeclared');
  });

  it('T9: a nested object cannot be hidden from its guard by case', () => {
    const nested = table(PROJECTS, PROJECT_CHATS);
    expect(idsOf(nested, 'GET', '/api/projects/p1/chats/00ff')).toEqual(['project:p1', 'chat:00ff']);
    expect(idsOf(nested, 'GET', '/api/projects/p1/Chats/00ff')).toBe('undeclared');
    expect(idsOf(nested, 'GET', '/api/projects/p1/files')).toEqual(['project:p1']);
  });

  it('the object that a deletion deletes is the last of the ids', () => {
    const [chats, projects] = [{ ...PROJECT_CHATS }, { ...PROJECTS, deletes: ['DELETE /api/projects/{id}'] }];
    expect(idsOf(table(chats, projects), 'DELETE', '/api/projects/p1/chats/00ff')).toEqual(['project:p1', 'chat:00ff']);
    expect(idsOf(table(projects, chats), 'POST', '/api/projects/p1/chats')).toEqual(['project:p1']);
    const outer = { ...EMPTY, guards: ['/x/{id}/{part}'], deletes: ['DELETE /x/{id}/{part}'] };
    const inner = { ...PROJECTS, guards: ['/x/{chat}/{id}'] };
    expect(idsOf(table(outer, inner), 'DELETE', '/x/00ff/p1')).toEqual(['project:p1', 'chat:00ff']);
    expect(idsOf(table(inner, outer), 'GET', '/x/00ff/p1')).toEqual(['chat:00ff', 'project:p1']);
  });

  it('keeps two upstreams apart', () => {
    const both = table(CHATS, {
      ...CHATS,
      config: 'ownership[1]',
      upstream: 'second',
      guards: ['/v2/{id}'],
      deletes: [],
    });
    expect(both.match('second', 'GET', '/v2/00ff')).toMatchObject({ pathIds: [{ objectId: '00ff' }] });
    expect(both.match('app', 'GET', '/v2/00ff')).toBe('undeclared');
  });

  it('isolates an upstream whose policy declares nothing: everything is refused', () => {
    expect(table(EMPTY).match('app', 'GET', '/')).toBe('undeclared');
  });

  it('prints its rows', () => {
    const rows = operations.rows();
    expect(rows).toHaveLength(10);
    expect(rows[0]).toEqual({
      upstream: 'app',
      resource: 'chat',
      method: '*',
      path: '/api/chats/{id}/**',
      kind: 'guards',
      config: 'ownership[0].guards[0]',
    });
  });

  it('never throws, and an undeclared spelling never becomes declared by folding', () => {
    const part = fc.constantFrom(
      '/',
      'api',
      'API',
      'chats',
      '00ff',
      '..',
      '.',
      ';',
      '%2e',
      '%2F',
      '%25',
      '\\',
      '%5C',
      '%00',
      'assets',
      '',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.constantFrom('GET', 'POST', 'DELETE'), (parts, method) => {
        const path = `/${parts.join('')}`;
        const operation = operations.match('app', method, path);
        if (operation === 'undeclared' || operation === undefined) return;
        if (operation.unowned !== undefined) expect(path.toLowerCase()).not.toMatch(/\.\.|%2e%2e/);
        else expect(path).toMatch(/^\/(?:api\/(?:chats|search|export)(?:\/|$)|ws$)/);
      }),
    );
  });
});

describe('what does not load', () => {
  it.each<[string, Partial<OwnershipPolicy>, string, string]>([
    ['a wide id pattern', { idPattern: '.+' }, 'idPattern', 'not understood'],
    ['a guard without {id}', { guards: ['/api/chats/**'] }, 'guards[0]', 'names no {id}'],
    ['two {id}', { guards: ['/a/{id}/b/{id}'] }, 'guards[0]', 'twice'],
    ['a relative path', { guards: ['api/{id}'] }, 'guards[0]', 'does not start with /'],
    ['a wildcard inside', { guards: ['/api/*/{id}'] }, 'guards[0]', 'no canonical'],
    ['** inside', { guards: ['/api/**/x/{id}'] }, 'guards[0]', 'no canonical'],
    ['a dot segment', { guards: ['/api/../{id}'] }, 'guards[0]', 'no canonical'],
    ['an empty segment', { guards: ['/api//{id}'] }, 'guards[0]', 'no canonical'],
    ['an unknown placeholder', { guards: ['/api/{id}.json'] }, 'guards[0]', 'no canonical'],
    [
      'a method in lower case',
      { lists: { 'get /x': ['$[*]'] }, guards: ['/x/{id}'] },
      'lists["get /x"]',
      'no operation',
    ],
    ['HEAD', { lists: { 'HEAD /x': ['$[*]'] }, guards: ['/x/{id}'] }, 'lists["HEAD /x"]', 'no operation'],
    ['no path', { creates: { POST: '$.id' }, guards: ['/x/{id}'] }, 'creates["POST"]', 'does not start'],
    ['no operation', { unowned: { '': 'x' } }, 'unowned[""]', 'no operation'],
    ['three words', { unowned: { 'GET /a b': 'x' } }, 'unowned["GET /a b"]', 'no operation'],
    ['a bad JSON path', { lists: { 'GET /x': ['$..id'] }, guards: ['/x/{id}'] }, 'lists["GET /x"]', 'only .name'],
    ['a bad path to ids', { ids: { 'POST /x': ['chatIds'] } }, 'ids["POST /x"]', 'starts with $'],
    ['a bad query name', { ids: { 'POST /x': ['query:a[]'] } }, 'ids["POST /x"]', 'query parameter'],
    ['many new ids', { creates: { 'POST /x': '$[*].id' }, guards: ['/x/{id}'] }, 'creates["POST /x"]', 'many values'],
    ['many ids of an event', { events: [{ path: '/ws', id: '$[*]' }] }, 'events[0]', 'many values'],
    ['a bad event id', { events: [{ path: '/ws', id: 'id' }] }, 'events[0]', 'starts with $'],
    [
      'a bad message type',
      { events: [{ path: '/ws', id: '$.i' }], messages: [{ path: '/ws', type: 't', send: {}, id: '$.i' }] },
      'messages[0]',
      'starts with $',
    ],
    [
      'T7: messages without events',
      { messages: [{ path: '/ws', type: '$.t', send: {}, id: '$.i' }] },
      'messages[0]',
      'T7',
    ],
    ['a deletion that is not guarded', { deletes: ['DELETE /x/{id}'] }, 'deletes[0]', 'not guarded'],
    ['a deletion elsewhere', { guards: ['/x/{id}/y'], deletes: ['DELETE /x/{id}'] }, 'deletes[0]', 'not guarded'],
    ['a deletion of all below', { guards: ['/x/{id}'], deletes: ['DELETE /x/{id}/**'] }, 'deletes[0]', 'not guarded'],
    ['another path', { guards: ['/x/{id}'], deletes: ['DELETE /y/{id}'] }, 'deletes[0]', 'not guarded'],
    [
      'a placeholder for a literal',
      { guards: ['/x/{id}/a'], deletes: ['DELETE /x/{id}/{b}'] },
      'deletes[0]',
      'not guarded',
    ],
    [
      'T6: a listed {id} without guard',
      { lists: { 'GET /x/{id}/y': ['$[*]'] }, guards: ['/z/{id}'] },
      'lists["GET /x/{id}/y"]',
      'not guarded',
    ],
    [
      'T5: an id that the client chooses',
      { creates: { 'PUT /x/{id}': '$.id' }, guards: ['/x/{id}'] },
      'creates["PUT /x/{id}"]',
      'not guarded',
    ],
    ['objects that nothing guards', { lists: { 'GET /x': ['$[*]'] } }, '', 'nothing guards'],
    [
      'unowned and guarded',
      { guards: ['/x/{id}/**'], unowned: { 'GET /x/{any}/y': 'r' } },
      'unowned["GET /x/{any}/y"]',
      'overlaps',
    ],
    [
      'T9: unowned and guarded but for case',
      { guards: ['/x/{id}'], unowned: { 'GET /X/**': 'r' } },
      'unowned["GET /X/**"]',
      'overlaps',
    ],
    [
      'unowned and listed',
      { guards: ['/x/{id}'], lists: { 'GET /x': ['$[*]'] }, unowned: { 'GET /**': 'r' } },
      '',
      'overlaps',
    ],
    ['unowned twice', { unowned: { 'GET /x/**': 'r', 'GET /x/y': 'r' } }, 'unowned["GET /x/y"]', 'declared twice'],
    ['the same guard twice', { guards: ['/x/{id}', '/x/{id}'] }, 'guards[1]', 'declared twice'],
    [
      'two events of one path',
      {
        events: [
          { path: '/ws', id: '$.a' },
          { path: '/ws', id: '$.b' },
        ],
      },
      'events[1]',
      'declared twice',
    ],
  ])('refuses %s', (_, change, config, words) => {
    const compiled = compileOperations([{ ...EMPTY, ...change }]);
    const problems = compiled.ok ? [] : compiled.problems;
    expect(problems.length).toBeGreaterThan(0);
    const told = problems.map((problem) => `${problem.config} ${problem.message}`);
    const where = config === '' ? 'ownership[0]' : `ownership[0].${config} `;
    expect(told.some((text) => text.startsWith(where) && text.includes(words))).toBe(true);
    expect(problems.every(({ hint }) => hint !== '')).toBe(true);
  });

  it('refuses a resource that is declared twice, and two new objects of one operation', () => {
    const twice = compileOperations([CHATS, { ...EMPTY, config: 'ownership[1]' }]);
    expect(twice).toMatchObject({ ok: false, problems: [{ config: 'ownership[1]' }] });
    const other = { ...PROJECTS, creates: { 'POST /api/chats': '$.project' } };
    expect(compileOperations([CHATS, other])).toMatchObject({
      ok: false,
      problems: [{ config: 'ownership[1].creates["POST /api/chats"]' }],
    });
  });

  it('accepts two resources that share a path or an operation', () => {
    const other = {
      ...PROJECTS,
      guards: ['/api/chats/{chat}/parts/{id}'],
      ids: { 'POST /api/search': ['$.projectId'] },
    };
    expect(idsOf(table(CHATS, other), 'GET', '/api/chats/00ff/parts/p1')).toEqual(['chat:00ff', 'project:p1']);
    expect(table(CHATS, other).match('app', 'POST', '/api/search')).toMatchObject({ requestIds: { length: 2 } });
  });
});
