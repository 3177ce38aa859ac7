import { describe, expect, it } from 'vitest';
import type { CanonicalRequest, Decision, RouteMatch } from '@steadygate/core';
import { assertFresh } from './staleness.ts';

interface Asked {
  readonly method?: string;
  readonly access?: 'public' | 'session' | 'key';
  /** Of the gate's own routes: none. */
  readonly upstream?: string | undefined;
  readonly upgrade?: 'websocket';
}

function isServed(staleMs: number, { method = 'GET', access = 'session', upgrade, ...rest }: Asked): boolean {
  const upstream = 'upstream' in rest ? rest.upstream : 'app';
  // What the rule reads of them; whole ones would say no more.
  const request = { method, upgrade } as CanonicalRequest;
  const match = { route: { policy: { access, upstream } } } as unknown as RouteMatch;
  const principal = access === 'public' ? undefined : { credential: { kind: access } };
  const decision = { principal } as unknown as Decision;
  try {
    assertFresh({ request, match, decision }, staleMs);
    return true;
  } catch (problem) {
    expect(problem).toMatchObject({ code: 'unavailable' });
    return false;
  }
}

describe('T11: an instance that is cut off from its state', () => {
  it.each<[string, Asked, boolean, boolean, boolean]>([
    ['a read', {}, true, true, false],
    ['a look', { method: 'HEAD' }, true, true, false],
    ['a read with a key', { access: 'key' }, true, false, false],
    ['a write', { method: 'POST' }, true, false, false],
    ['a socket, which may write', { upgrade: 'websocket' }, true, false, false],
    ['a control action', { method: 'POST', upstream: undefined }, true, false, false],
    ['a read of the control plane', { upstream: undefined }, true, false, false],
    ['a log-in', { method: 'POST', access: 'public', upstream: undefined }, true, false, false],
    ['a public route', { access: 'public' }, true, true, true],
    ['a write to a public route', { access: 'public', method: 'POST' }, true, true, true],
    ['public health', { access: 'public', upstream: undefined }, true, true, true],
  ])('serves %s: before 5 s, before 60 s, after', (_what, asked, soon, later, late) => {
    expect([0, 4_999].map((staleMs) => isServed(staleMs, asked))).toEqual([soon, soon]);
    expect([5_000, 59_999].map((staleMs) => isServed(staleMs, asked))).toEqual([later, later]);
    expect([60_000, 6_000_000].map((staleMs) => isServed(staleMs, asked))).toEqual([late, late]);
  });
});
