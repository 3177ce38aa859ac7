import { OPERATIONS } from '@steadygate/contract';
import { describe, expect, it } from 'vitest';
import { ownRoutes } from './own-routes.ts';

const routes = ownRoutes('whole');
const routeOf = (path: string, method: string) =>
  routes.find((route) => route.path === path && route.methods?.includes(method));

describe('the gate’s own routes', () => {
  it.each(OPERATIONS.map((operation) => [operation.operationId, operation] as const))(
    'T3: %s is guarded as its declaration says',
    (_, { path, method, access }) => {
      const route = routeOf(path, method);
      expect(route).toMatchObject({ deny: false, websocket: false });
      expect(route).not.toHaveProperty('upstream');
      if ('public' in access) expect(route).toMatchObject({ access: 'public', csrf: 'origin' });
      else {
        const taken = access.credential ?? 'session';
        expect(route).toMatchObject({ access: taken, csrf: 'token', permission: { write: access.permission } });
      }
    },
  );

  it('SB1: public are only log-in, refresh, reports of leaked keys, and pages that show nothing of anybody', () => {
    const open = routes.filter(({ access }) => access === 'public').map(({ path, methods }) => `${methods} ${path}`);
    expect(open.filter((text) => !text.startsWith('GET,HEAD '))).toEqual([
      'POST /auth/login',
      'POST /auth/refresh',
      'POST /control/v1/key-leaks',
    ]);
    expect(open.filter((text) => text.startsWith('GET') && text.includes('/control/'))).toEqual([
      'GET,HEAD /control/v1/openapi.json',
    ]);
    expect(open.some((text) => text.includes('/metrics'))).toBe(false);
  });

  it('T1: beside an application there is no control plane but what services use, and no console', () => {
    const beside = ownRoutes('beside-application');
    const paths = beside.map(({ path }) => path);
    const control = beside.filter(({ path }) => /^\/(?:control|console)/.test(path));
    expect(control.map(({ path, access }) => `${access} ${path}`)).toEqual([
      'key /control/v1/usage',
      'public /control/v1/key-leaks',
    ]);
    expect(paths).toEqual(expect.arrayContaining(['/auth/login', '/auth/refresh', '/health/live']));
  });

  it('T16: takes no body beyond 64 KiB, and only health is unlimited', () => {
    expect(new Set(routes.map(({ bodyBytesMax }) => bodyBytesMax))).toEqual(new Set([65_536]));
    const unlimited = routes.filter(({ limits }) => limits?.length === 0).map(({ path }) => path);
    expect(unlimited).toEqual(['/health/live', '/health/ready']);
  });
});
