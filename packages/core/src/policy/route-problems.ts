import { foldPath } from '../canonical/path.ts';
import { FORWARDED_METHODS } from './methods.ts';
import { foldPattern, parsePattern, patternKey } from './pattern.ts';
import type { RoutePolicy } from './policy.ts';
import type { PolicyProblem } from './problem.ts';
import { isReservedPath } from './reserved.ts';

const PERMISSION = /^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$/;

/** Everything that is wrong with one configured route. */
export function routeProblems(route: RoutePolicy): readonly PolicyProblem[] {
  return [...pathProblems(route), ...methodProblems(route), ...(route.deny ? [] : servedProblems(route))];
}

/** Everything that is wrong with one of the gate's own routes. Some need a session and no permission: log-out is for everybody. */
export function ownRouteProblems(route: RoutePolicy): readonly PolicyProblem[] {
  const pattern = parsePattern(route.path);
  const problems = [...methodProblems(route), ...permissionTextProblems(route)];
  if ('message' in pattern) return [{ config: `${route.config}.path`, ...pattern }, ...problems];
  const isOwn = isReservedPath(patternKey(pattern));
  const outside = {
    config: `${route.config}.path`,
    message: `${route.path} is not under a reserved prefix`,
    hint: 'move it',
  };
  return isOwn ? problems : [outside, ...problems];
}

function pathProblems({ path, config }: RoutePolicy): readonly PolicyProblem[] {
  const pattern = parsePattern(path);
  if ('message' in pattern) return [{ config: `${config}.path`, ...pattern }];
  if (!isReservedPath(foldPath(patternKey(foldPattern(pattern))))) return [];
  const message = `${path} lies, in some spelling, under a prefix of the gate's own`;
  const hint = '/auth, /control, /console, /trust, /.well-known, /health and /metrics are never forwarded';
  return [{ config: `${config}.path`, message, hint }];
}

function methodProblems({ methods, config }: RoutePolicy): readonly PolicyProblem[] {
  if (methods === undefined) return [];
  const at = `${config}.methods`;
  if (methods.length === 0)
    return [{ config: at, message: 'no method is listed', hint: 'leave the key out for all methods' }];
  return methods
    .filter((method) => !FORWARDED_METHODS.includes(method))
    .map((method) => ({
      config: at,
      message: `${method} is never forwarded`,
      hint: `one of ${FORWARDED_METHODS.join(', ')}; the gate answers OPTIONS itself`,
    }));
}

function servedProblems(route: RoutePolicy): readonly PolicyProblem[] {
  const { config } = route;
  const upstream = {
    config: `${config}.upstream`,
    message: 'the route has no upstream',
    hint: 'name one, or write deny: true',
  };
  return [...(route.upstream === undefined ? [upstream] : []), ...permissionProblems(route), ...limitProblems(route)];
}

function permissionProblems(route: RoutePolicy): readonly PolicyProblem[] {
  const config = `${route.config}.permission`;
  const isPublic = route.access === 'public';
  if (isPublic && route.permission !== undefined) {
    return [
      {
        config,
        message: 'nobody is known on a public route, so its permission is never asked',
        hint: 'write access: session',
      },
    ];
  }
  if (!isPublic && route.permission === undefined) {
    const hint =
      'name one, such as permission: { read: app:read, write: app:write }, or open the route by access: public';
    return [{ config, message: 'the route needs a permission', hint }];
  }
  return [...permissionTextProblems(route), ...selfProblems(route)];
}

/** `self:…` is what everybody may do to their own session: as a route's permission it would keep nobody out. */
function selfProblems({ permission, config }: RoutePolicy): readonly PolicyProblem[] {
  const isSelf = Object.values(permission ?? {}).some((needed) => needed.startsWith('self:'));
  if (!isSelf) return [];
  const message = 'every session holds the permissions of area self';
  return [{ config: `${config}.permission`, message, hint: 'choose another name' }];
}

function permissionTextProblems({ permission, config }: RoutePolicy): readonly PolicyProblem[] {
  return Object.entries(permission ?? {})
    .filter(([, needed]) => !PERMISSION.test(needed))
    .map(([use, needed]) => ({
      config: `${config}.permission.${use}`,
      message: `"${needed}" is no permission`,
      hint: 'write area:action in lower case; wildcards are for roles',
    }));
}

function limitProblems({ access, limits }: RoutePolicy): readonly PolicyProblem[] {
  if (access !== 'public') return [];
  return (limits ?? [])
    .filter(({ per }) => per === 'tenant')
    .map(({ config }) => ({
      config,
      message: 'a public route knows no tenant',
      hint: 'write per: address or per: route',
    }));
}
