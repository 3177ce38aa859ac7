import { describe, expect, it } from 'vitest';
import { permissionsOf } from '../access.ts';
import { decide } from '../decide.ts';
import type { Decision } from '../decision.ts';
import { encodeUtf8 } from '../egress/secret-forms.ts';
import type { GuardContext } from '../guard.ts';
import { parseStrictJson } from '../json/parse.ts';
import { compileOperations } from '../ownership/compile.ts';
import type { Owners } from '../ownership/owners.ts';
import type { OwnershipPolicy } from '../policy/policy.ts';
import type { Principal } from '../principal.ts';
import { ProblemError } from '../problem.ts';
import { ownershipGuard } from './ownership.ts';

const [MINE, ALSO_MINE, THEIRS, NOBODYS] = ['aaa1', 'aaa2', 'bbb1', 'ccc1'];

const POLICY: OwnershipPolicy = {
  config: 'ownership[0]',
  upstream: 'app',
  resource: 'chat',
  idPattern: '[a-f0-9:+]{4}|[0-9]{1,4}',
  creates: { 'POST /api/chats': '$.id', 'POST /api/imports': '$.id' },
  guards: ['/api/chats/{id}/**'],
  ids: {
    'POST /api/search': ['$.chatIds[*]'],
    'POST /api/imports': ['$.from'],
    'GET /api/export': ['query:chatId'],
    'POST /api/export': ['query:chatId'],
    'POST /api/both': ['query:chatId', '$.from.other'],
    'POST /api/chats/{id}/merge': ['$.with'],
  },
  lists: { 'GET /api/chats': ['$.chats[*].id'] },
  deletes: ['DELETE /api/chats/{id}'],
  events: [{ path: '/ws', id: '$.chatId' }],
  messages: [],
  unowned: { 'GET /assets/**': 'the same for everybody' },
};
const PROJECTS: OwnershipPolicy = {
  ...POLICY,
  config: 'ownership[1]',
  resource: 'project',
  idPattern: 'p[0-9]',
  guards: ['/api/chats/{chat}/projects/{id}'],
  creates: {},
  ids: {},
  lists: {},
  deletes: [],
  events: [],
  unowned: {},
};

const OWNED: Readonly<Record<string, string>> = {
  [`acme/app/chat/${MINE}`]: 'u1',
  [`acme/app/chat/${ALSO_MINE}`]: 'u1',
  'acme/app/chat/12': 'u1',
  'acme/app/chat/a:+1': 'u1',
  [`acme/app/chat/${THEIRS}`]: 'u2',
  'acme/app/project/p1': 'u1',
  'acme/app/project/p2': 'u2',
};

const OWNERS: Owners = {
  ownerOf: ({ tenantId, upstream, resource, objectId }) => OWNED[`${tenantId}/${upstream}/${resource}/${objectId}`],
  ownedOf: ({ tenantId, upstream, resource, ownerId }, ids) =>
    new Set(ids.filter((id) => OWNED[`${tenantId}/${upstream}/${resource}/${id}`] === ownerId)),
};
const SLOW_OWNERS: Owners = {
  ownerOf: async (object) => OWNERS.ownerOf(object),
  ownedOf: async (scope, ids) => OWNERS.ownedOf(scope, ids),
};

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly query?: string;
  readonly body?: string;
  readonly headers?: readonly string[];
  readonly principal?: Partial<Principal> | null;
  readonly upgrade?: 'websocket';
  readonly upstream?: string;
  readonly owners?: Owners;
}

const PRINCIPAL: Principal = {
  userId: 'u1',
  tenantId: 'acme',
  role: 'member',
  permissions: permissionsOf(['*'], 'acme'),
  credential: { kind: 'session', id: 's1', via: 'cookie', expiresAtMs: 1 },
};

const compiled = compileOperations([POLICY, PROJECTS]);
if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
const { operations } = compiled;

function contextOf(asked: Asked): GuardContext {
  const { method = 'GET', path, query = '', body = '', upgrade, upstream = 'app' } = asked;
  const json = async (): Promise<unknown> => {
    const parsed = parseStrictJson(body);
    if (parsed.ok) return parsed.value;
    throw new ProblemError('body-invalid', {}, { cause: parsed.rule });
  };
  return {
    request: {
      id: 'r1',
      method,
      path,
      query,
      host: 'app.test',
      scheme: 'https',
      clientAddress: '192.0.2.1',
      peerAddress: '192.0.2.1',
      headers: asked.headers ?? ['content-type', 'application/json'],
      upgrade,
      bodyBytes: body.length,
    },
    match: {
      // Only what a guard of this kind looks at: ownership never asks the route.
      route: { guards: [] } as unknown as GuardContext['match']['route'],
      operation: operations.match(upstream, method, path),
    },
    principal: asked.principal === null ? undefined : { ...PRINCIPAL, ...asked.principal },
    body: { json, bytes: async () => encodeUtf8(body), text: async () => ({ text: body, isUtf8: true }) },
    nowMs: 0,
  };
}

async function ask(asked: Asked): Promise<Decision> {
  return decide([ownershipGuard({ owners: asked.owners ?? OWNERS })], contextOf(asked));
}

async function codeOf(asked: Asked): Promise<string> {
  const decision = await ask(asked);
  return decision.denial?.code ?? decision.outcome;
}

describe('ownership of what the path names', () => {
  it.each([OWNERS, SLOW_OWNERS])('lets an owner pass', async (owners) => {
    expect(await codeOf({ owners, path: `/api/chats/${MINE}/messages`, method: 'POST' })).toBe('allow');
    expect(await codeOf({ owners, path: `/api/chats/${MINE}/projects/p1` })).toBe('allow');
    expect(await codeOf({ owners, path: `/api/chats/${THEIRS}` })).toBe('not-found');
    expect(await codeOf({ owners, path: `/api/chats/${MINE}/projects/p2` })).toBe('not-found');
    expect(await codeOf({ owners, path: `/api/chats/${THEIRS}/projects/p1` })).toBe('not-found');
  });

  it('stays synchronous while the owners are known', () => {
    const guard = ownershipGuard({ owners: OWNERS });
    expect(guard.evaluate(contextOf({ path: `/api/chats/${MINE}` }))).toEqual({ kind: 'pass' });
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'T6: %s does not reach an object of somebody else',
    async (method) => {
      expect(await codeOf({ method, path: `/api/chats/${THEIRS}` })).toBe('not-found');
    },
  );

  it('T4: what is missing, foreign, misspelled or undeclared looks the same', async () => {
    const paths = [`/api/chats/${THEIRS}`, `/api/chats/${NOBODYS}`, '/api/chats/AAA1', '/api/chats/x', '/nowhere'];
    const denials = await Promise.all(paths.map(async (path) => (await ask({ path })).denial));
    for (const denial of denials) expect(denial).toEqual({ guard: 'ownership', code: 'not-found', facts: {} });
  });

  it.each(['AAA1', 'aaa%31', 'aaa1%20', '%61aa1', 'aaa1;x', 'aaa1.', '', 'aaa1%00', 'aaa1'.repeat(100)])(
    'T9: %j is no spelling of an object',
    async (id) => {
      expect(await codeOf({ path: `/api/chats/${id}` })).toBe('not-found');
    },
  );

  it('T10: no role passes, and no other tenant', async () => {
    expect(await codeOf({ path: `/api/chats/${THEIRS}`, principal: { role: 'admin' } })).toBe('not-found');
    expect(await codeOf({ path: `/api/chats/${MINE}`, principal: { tenantId: 'system', role: 'admin' } })).toBe(
      'not-found',
    );
    expect(await codeOf({ path: `/api/chats/${MINE}`, principal: { userId: '' } })).toBe('not-found');
    expect(await codeOf({ path: `/api/chats/${MINE}`, principal: null })).toBe('not-found');
  });

  it('T6: refuses what nobody declared, and passes what touches no object', async () => {
    expect(await codeOf({ path: '/api/undeclared' })).toBe('not-found');
    expect(await codeOf({ path: '/assets/app.js', principal: null })).toBe('allow');
    expect(await codeOf({ path: '/api/chats' })).toBe('allow');
    expect(await codeOf({ path: '/api/chats', principal: null })).toBe('not-found');
    expect(await codeOf({ path: '/api/chats', upstream: 'open' })).toBe('allow');
  });

  it('T7: refuses an upgrade of what is no stream', async () => {
    expect(await codeOf({ path: '/api/chats', upgrade: 'websocket' })).toBe('not-found');
    expect(await codeOf({ path: '/ws', upgrade: 'websocket' })).toBe('allow');
    expect(await codeOf({ path: '/assets/live', upgrade: 'websocket' })).toBe('allow');
    expect(await codeOf({ path: `/api/chats/${MINE}/live`, upgrade: 'websocket' })).toBe('allow');
    expect(await codeOf({ path: `/api/chats/${THEIRS}/live`, upgrade: 'websocket' })).toBe('not-found');
  });

  it('T3: fails closed when the owners cannot be asked', async () => {
    const lost = (): never => {
      throw new Error('the store is lost');
    };
    expect(await codeOf({ path: `/api/chats/${MINE}`, owners: { ownerOf: lost, ownedOf: lost } })).toBe('unavailable');
    const later: Owners = { ownerOf: async () => lost(), ownedOf: async () => lost() };
    expect(await codeOf({ path: `/api/chats/${MINE}`, owners: later })).toBe('unavailable');
    expect(ownershipGuard({ owners: OWNERS }).mode).toBeUndefined();
  });
});

describe('ownership of what the query names', () => {
  it.each([
    [`chatId=${MINE}`, 'allow'],
    [`x=1&chatId=${MINE}&y=2`, 'allow'],
    ['chatId=a%3A%2B1', 'allow'],
    ['chatId=a:%2B1', 'not-found'],
    ['chatId=a:+1', 'not-found'],
    [`chatId=${THEIRS}`, 'not-found'],
    ['chatId=aaa%31', 'not-found'],
    ['chatId=AAA1', 'not-found'],
    ['chatId=', 'not-found'],
    ['chatId', 'not-found'],
    ['', 'input-invalid'],
    ['other=1', 'input-invalid'],
    [`chatid=${MINE}`, 'input-invalid'],
    [`ch%61tId=${MINE}`, 'input-invalid'],
    [`chatId[]=${MINE}`, 'input-invalid'],
  ])('T6: ?%s: %s', async (query, expected) => {
    expect(await codeOf({ path: '/api/export', query })).toBe(expected);
  });

  it.each([
    'chatId',
    'chatId[]',
    'chatId[0]',
    'chatId%5B%5D',
    'chatId%255B0%255D',
    'ch%61tId',
    'ch%2561tId',
    'CHATID',
    'chat_id',
    'chat-id',
    'chatId.x',
    'chatId%00',
    '+chatId',
    '%20chatId',
  ])('T6: %s beside chatId is a duplicate', async (name) => {
    for (const query of [
      `chatId=${MINE}&${name}=${MINE}`,
      `${name}=${THEIRS}&chatId=${MINE}`,
      `chatId=${MINE};${name}=x`,
    ]) {
      expect(await codeOf({ path: '/api/export', query })).toBe('parameter-duplicated');
    }
  });

  it.each([
    ['{"chatId":"bbb1"}', 'parameter-duplicated'],
    ['{"chat_id":"bbb1"}', 'parameter-duplicated'],
    ['{"text":"x"}', 'allow'],
    ['["chatId"]', 'allow'],
    ['null', 'allow'],
    ['', 'allow'],
    ['{', 'body-invalid'],
  ])('T6: with the body %s: %s', async (body, expected) => {
    expect(await codeOf({ method: 'POST', path: '/api/export', query: `chatId=${MINE}`, body })).toBe(expected);
  });

  it('T6: a form beside a query with ids is refused', async () => {
    const headers = ['content-type', 'application/x-www-form-urlencoded'];
    const form = { method: 'POST', path: '/api/export', query: `chatId=${MINE}`, body: 'chatId=bbb1', headers };
    expect(await codeOf(form)).toBe('media-type-refused');
  });
});

describe('ownership of what the body names', () => {
  const search = (body: string, more: Partial<Asked> = {}): Promise<string> =>
    codeOf({ method: 'POST', path: '/api/search', body, ...more });

  it.each([
    [`{"chatIds":["${MINE}"]}`, 'allow'],
    [`{"chatIds":["${MINE}","${ALSO_MINE}","${MINE}"]}`, 'allow'],
    ['{"chatIds":[12]}', 'allow'],
    [`{"chatIds":["${MINE}","${THEIRS}"]}`, 'not-found'],
    [`{"chatIds":["${NOBODYS}"]}`, 'not-found'],
    [`{"chatIds":["${MINE}","AAA2"]}`, 'not-found'],
    [`{"chatIds":["${MINE} "]}`, 'not-found'],
    ['{"chatIds":[]}', 'input-invalid'],
    ['{}', 'input-invalid'],
    ['null', 'input-invalid'],
    [`{"chatIds":"${MINE}"}`, 'input-invalid'],
    [`{"chatIds":{"0":"${MINE}"}}`, 'input-invalid'],
    [`{"chatIds":[["${MINE}"]]}`, 'input-invalid'],
    ['{"chatIds":[null]}', 'input-invalid'],
    ['{"chatIds":[true]}', 'input-invalid'],
    ['{"chatIds":[1.5]}', 'input-invalid'],
    ['{"chatIds":[12.0]}', 'input-invalid'],
    ['{"chatIds":[1.2e1]}', 'input-invalid'],
    ['{"note":"12.0 \\" 1e0","chatIds":[11.99999999999999999999]}', 'input-invalid'],
    ['{"note":"12.0 \\" 1e0","score":0.5,"chatIds":[12]}', 'allow'],
    [`{"chatIds":["${MINE}"],"chatIds":["${THEIRS}"]}`, 'body-invalid'],
    [`{"chatIds":["${MINE}"],"chatids":["${THEIRS}"]}`, 'body-invalid'],
    [`{"chatIds":["${MINE}"],"chat_ids":["${THEIRS}"]}`, 'body-invalid'],
    ['chatIds', 'body-invalid'],
  ])('T6: %s: %s', async (body, expected) => {
    expect(await search(body)).toBe(expected);
    expect(await search(body, { owners: SLOW_OWNERS })).toBe(expected);
  });

  it.each([
    [['content-type', 'application/json; charset=utf-8'], 'allow'],
    [['content-type', 'application/vnd.api+json'], 'allow'],
    [['content-type', 'application/json', 'content-encoding', 'identity'], 'allow'],
    [['content-type', 'application/json', 'content-encoding', 'gzip'], 'media-type-refused'],
    [['content-type', 'application/json; charset=utf-16'], 'media-type-refused'],
    [['content-type', 'application/json', 'content-type', 'application/x-www-form-urlencoded'], 'media-type-refused'],
    [['content-type', 'application/json, text/plain'], 'media-type-refused'],
    [['content-type', 'text/plain'], 'media-type-refused'],
    [['content-type', 'application/jsonp'], 'media-type-refused'],
    [[], 'media-type-refused'],
  ])('T6: with %j: %s', async (headers, expected) => {
    expect(await search(`{"chatIds":["${MINE}"]}`, { headers })).toBe(expected);
  });

  it('T6: a query parameter beside a declared member is a duplicate', async () => {
    expect(await search(`{"chatIds":["${MINE}"]}`, { query: `chatIds=${THEIRS}` })).toBe('parameter-duplicated');
    expect(await search(`{"chatIds":["${MINE}"]}`, { query: 'page=2' })).toBe('allow');
  });

  it('names at most 1000 objects', async () => {
    const many = (count: number): string => JSON.stringify({ chatIds: Array.from({ length: count }, () => MINE) });
    expect(await search(many(1000))).toBe('allow');
    expect(await search(many(1001))).toBe('input-invalid');
  });

  it('T6: all ids of path, query and body must pass, and a foreign path is refused before the body is read', async () => {
    const both = { method: 'POST', path: '/api/both', query: `chatId=${MINE}` };
    expect(await codeOf({ ...both, body: `{"from":{"other":"${ALSO_MINE}"}}` })).toBe('allow');
    expect(await codeOf({ ...both, body: `{"from":{"other":"${THEIRS}"}}` })).toBe('not-found');
    expect(await codeOf({ ...both, query: `chatId=${THEIRS}`, body: 'not read' })).toBe('not-found');
    expect(await codeOf({ method: 'POST', path: `/api/chats/${MINE}/merge`, body: `{"with":"${THEIRS}"}` })).toBe(
      'not-found',
    );
    expect(await codeOf({ method: 'POST', path: `/api/chats/${THEIRS}/merge`, body: 'not read' })).toBe('not-found');
    expect(await codeOf({ method: 'POST', path: `/api/chats/${MINE}/merge`, body: `{"with":"${ALSO_MINE}"}` })).toBe(
      'allow',
    );
  });

  it('says in the finding what it does not say to the caller', async () => {
    const { findings } = await ask({ method: 'POST', path: '/api/search', body: `{"chatIds":["${THEIRS}"]}` });
    expect(findings).toEqual([
      { guard: 'ownership', rule: 'not the owner', field: 'body:$.chatIds[*]', config: 'ownership[0]' },
    ]);
  });
});

describe('T5: a creation', () => {
  const creation = { method: 'POST', path: '/api/chats' };
  const form = ['content-type', 'application/x-www-form-urlencoded'];
  const multipart = ['content-type', 'multipart/form-data; boundary=b'];
  const part = (name: string): string =>
    `--b\r\nContent-Disposition: form-data; name=${name}\r\n\r\n${THEIRS}\r\n--b--\r\n`;

  it.each<[string, Partial<Asked>]>([
    ['in the body', { body: `{"id":"${THEIRS}"}` }],
    ['in the body, in another case', { body: `{"Id":"${THEIRS}"}` }],
    ['in the body, with a separator', { body: `{"_id":"${THEIRS}"}` }],
    ['in the body, free so far', { body: `{"id":"${NOBODYS}"}` }],
    ['in the body, as a number', { body: '{"id":12}' }],
    ['in the query', { body: '{}', query: `id=${THEIRS}` }],
    ['in the query, encoded', { body: '{}', query: `%69%64=${THEIRS}` }],
    ['in the query, as a list', { query: `id[]=${THEIRS}` }],
    ['in a form', { headers: form, body: `title=x&id=${THEIRS}` }],
    ['in a part of a form', { headers: multipart, body: part('"id"') }],
    ['in a part without quotes', { headers: multipart, body: part('id') }],
  ])('that chooses its id %s is refused before it is forwarded', async (_, asked) => {
    const { denial } = await ask({ ...creation, ...asked });
    expect(denial).toMatchObject({ guard: 'ownership', code: 'input-invalid' });
  });

  it.each<[string, Partial<Asked>]>([
    ['without a body', {}],
    ['with a title', { body: '{"title":"id"}' }],
    ['with an id that is null', { body: '{"id":null}' }],
    ['with an id deeper down', { body: `{"copyOf":{"id":"${MINE}"}}` }],
    ['by a form', { headers: form, body: 'title=id' }],
    ['by an upload', { headers: multipart, body: part('"file"') }],
  ])('%s passes', async (_, asked) => {
    expect((await ask({ ...creation, ...asked })).outcome).toBe('allow');
  });

  it('whose body is of a kind in which an id could hide is refused', async () => {
    const { denial } = await ask({ ...creation, headers: ['content-type', 'text/plain'], body: `{"id":"${THEIRS}"}` });
    expect(denial?.code).toBe('media-type-refused');
  });

  it('T5: that chooses an id elsewhere, too, is refused for the foreign object it names first', async () => {
    const asked = { method: 'POST', path: '/api/imports' };
    expect((await ask({ ...asked, body: `{"from":"${THEIRS}","id":"x"}` })).denial?.code).toBe('not-found');
    expect((await ask({ ...asked, body: `{"from":"${MINE}","id":"x"}` })).denial?.code).toBe('input-invalid');
    expect((await ask({ ...asked, body: `{"from":"${MINE}"}` })).outcome).toBe('allow');
  });
});
