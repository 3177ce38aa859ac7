import { type AnyOperation, getOwnUsage, OPERATIONS, reportKeyLeak } from '@steadygate/contract';
import type { RoutePolicy } from '@steadygate/core';
import { METRICS_PERMISSION } from './metrics.ts';

const BODY_BYTES_MAX = 64 * 1024;

/** What a listener serves of the gate's own: everything, or what people and machines need beside the application. */
export type OwnSurface = 'whole' | 'beside-application';

/**
 * The gate's own paths as routes of the same table, behind the same guards as any upstream's.
 *
 * `beside-application`: the control plane has a listener of its own, and no page of the application's origin reaches it (T1).
 */
export function ownRoutes(surface: OwnSurface): readonly RoutePolicy[] {
  const all = [...OPERATIONS.map(operationRoute), ...PAGES.map(pageRoute), METRICS_ROUTE];
  return surface === 'whole'
    ? all
    : all.filter(({ path }) => /^\/(?:auth|\.well-known|health|trust)(?:\/|$)/.test(path) || FOR_KEYS.includes(path));
}

/** For services, which call the application's listener: no page can act through them. */
const FOR_KEYS: readonly string[] = [getOwnUsage.path, reportKeyLeak.path];

/** Public pages: what is here shows nothing that is somebody's. */
const PAGES: readonly string[] = [
  '/auth/login',
  '/auth/login.js',
  '/auth/login.css',
  '/console/**',
  '/control/v1/openapi.json',
  '/.well-known/jwks.json',
  '/health/live',
  '/health/ready',
];

/** Supervisors ask often, and an answer costs nothing. */
const UNLIMITED: readonly string[] = ['/health/live', '/health/ready'];

/** For scrapers with a key of tenant `system`, and for its people (T16). */
const METRICS_ROUTE: RoutePolicy = {
  ...base('/metrics'),
  methods: ['GET', 'HEAD'],
  access: 'any',
  csrf: 'token',
  permission: { read: METRICS_PERMISSION, write: METRICS_PERMISSION },
};

function operationRoute(operation: AnyOperation): RoutePolicy {
  const { path, method, access } = operation;
  const methods = method === 'GET' ? ['GET', 'HEAD'] : [method];
  if ('public' in access) return { ...base(path), methods, access: 'public', csrf: 'origin' };
  const permission = { read: access.permission, write: access.permission };
  return { ...base(path), methods, access: access.credential ?? 'session', csrf: 'token', permission };
}

function pageRoute(path: string): RoutePolicy {
  const limits = UNLIMITED.includes(path) ? { limits: [] } : {};
  return { ...base(path), methods: ['GET', 'HEAD'], access: 'public', csrf: 'origin', ...limits };
}

function base(path: string): Omit<RoutePolicy, 'access' | 'csrf'> {
  return {
    config: 'built in',
    path,
    deny: false,
    bodyBytesMax: BODY_BYTES_MAX,
    websocket: false,
    guards: {},
    assertion: 'principal',
    isOpenToBlocked: /^\/(?:auth|health)\//.test(path),
  };
}
