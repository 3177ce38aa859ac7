import { createInvite, getSession, listOwnSessions, logout, revokeOwnSession } from '@steadygate/contract';
import { describe, expect, it } from 'vitest';
import { CallError, createClient } from './client.ts';

const SESSION = {
  user: { id: 'u1', name: 'Kim' },
  role: 'member',
  tenant: 'default',
  sessionId: 's1',
  expiresAt: 1,
  permissions: ['chats:read'],
  csrfToken: 'token',
};

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** A client whose requests are kept, and answered with what is given. */
function clientWith(answer: () => Response | Promise<Response>) {
  const sent: Sent[] = [];
  const call = createClient(async (url, init) => {
    sent.push({ url, init });
    return answer();
  });
  return { call, sent };
}

function problem(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } });
}

async function failureOf(run: () => Promise<unknown>): Promise<CallError> {
  const failure: unknown = await run().then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  if (!(failure instanceof CallError)) throw failure;
  return failure;
}

describe('what a call sends', () => {
  it('takes method and path from the operation, and only to this origin', async () => {
    const { call, sent } = clientWith(() => Response.json(SESSION));
    expect(await call(getSession)).toEqual(SESSION);
    expect(sent[0]?.url).toBe('/auth/session');
    expect(sent[0]?.init).toMatchObject({ method: 'GET', credentials: 'same-origin', redirect: 'error' });
  });

  it('SB22: a change carries the CSRF token', async () => {
    const { call, sent } = clientWith(() => new Response(null, { status: 204 }));
    await call(logout, { csrfToken: 'token' });
    expect(new Headers(sent[0]?.init.headers).get('x-csrf-token')).toBe('token');
  });

  it.each([
    ['a/b', '/auth/sessions/a%2Fb'],
    ['x?y=1#z', '/auth/sessions/x%3Fy%3D1%23z'],
  ])('keeps %j one path segment', async (id, url) => {
    const { call, sent } = clientWith(() => new Response(null, { status: 204 }));
    await call(revokeOwnSession, { params: { id }, csrfToken: 'token' });
    expect(sent.map((request) => request.url)).toEqual([url]);
  });

  it.each([[{}], [{ id: '' }], [{ id: '.' }], [{ id: '..' }]])(
    'sends nothing with path parameters %j',
    async (params) => {
      const { call, sent } = clientWith(() => new Response(null, { status: 204 }));
      const outcome = call(revokeOwnSession, { params, csrfToken: 'token' });
      await expect(outcome).rejects.toThrow('revokeOwnSession needs id');
      expect(sent).toEqual([]);
    },
  );

  it('sends queries and JSON bodies, and leaves out what is undefined', async () => {
    const { call, sent } = clientWith(() => Response.json({ sessions: [], nextCursor: null }));
    await call(listOwnSessions, { query: { limit: 5, cursor: undefined } });
    await call(createInvite, { body: { role: 'viewer' }, csrfToken: 'token' }).catch(() => undefined);
    expect(sent[0]?.url).toBe('/auth/sessions?limit=5');
    expect(sent[1]?.init.body).toBe('{"role":"viewer"}');
    expect(new Headers(sent[1]?.init.headers).get('content-type')).toBe('application/json');
  });
});

describe('what a call answers', () => {
  it('gives nothing for a 204', async () => {
    const { call } = clientWith(() => new Response(null, { status: 204 }));
    expect(await call(logout, { csrfToken: 'token' })).toBeUndefined();
  });

  it('throws the code and the request id of a problem', async () => {
    const body = { type: 't', title: 'Log in', status: 401, code: 'credential-required', requestId: 'r1' };
    const { call } = clientWith(() => problem(401, body));
    const failure = await failureOf(() => call(getSession));
    expect(failure).toMatchObject({ code: 'credential-required', status: 401, requestId: 'r1', message: 'Log in' });
  });

  it.each([
    ['an answer that breaks the contract', () => Response.json({ ...SESSION, expiresAt: 'soon' }), 200],
    ['an answer with members the contract does not know', () => Response.json({ ...SESSION, token: 'x' }), 200],
    ['HTML in place of JSON', () => new Response('<p>hello'), 200],
    ['a success of another kind', () => Response.json(SESSION, { status: 201 }), 201],
    ['a failure that is no problem', () => new Response('bad gateway', { status: 502 }), 502],
  ])('throws `unexpected` for %s', async (_, answer, status) => {
    const { call } = clientWith(answer);
    expect(await failureOf(() => call(getSession))).toMatchObject({ code: 'unexpected', status });
  });

  it('throws `unreachable` when no answer comes', async () => {
    const { call } = clientWith(() => Promise.reject(new TypeError('failed to fetch')));
    expect(await failureOf(() => call(getSession))).toMatchObject({ code: 'unreachable', status: 0 });
  });
});
