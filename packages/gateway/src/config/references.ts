import { BUILT_IN_ROLES, defaultInvitePrefix } from './roles.ts';
import type { PathProblem } from './schema-issues.ts';
import { nearestName } from './suggest.ts';

type Raw = Readonly<Record<string, unknown>>;

/**
 * What one key demands of another. Reads the raw values, so that it reports together with the schema's findings,
 * whatever shape the rest has.
 */
export function referenceProblems(root: unknown): readonly PathProblem[] {
  const config = asRaw(root);
  const upstreams = Object.keys(asRaw(config['upstreams']));
  return [
    ...blocks(config['routes']).flatMap(([at, route]) => routeProblems(route, ['routes', at], upstreams)),
    ...blocks(config['ownership']).flatMap(([at, entry]) => upstreamProblems(entry, ['ownership', at], upstreams)),
    ...prefixProblems(asRaw(config['roles'])),
    ...controlProblems(config['listen']),
    ...wafProblems(config),
    ...documentProblems(config),
    ...planProblems(config),
  ];
}

/** What is said of a route that is not there would hold nowhere. */
function wafProblems(config: Raw): readonly PathProblem[] {
  const paths = new Set(blocks(config['routes']).map(([, route]) => route['path']));
  const waf = asRaw(asRaw(config['guards'])['waf']);
  return (['fields', 'exceptions'] as const).flatMap((list) => {
    return blocks(waf[list]).flatMap(([at, { route }]) => {
      if (route === undefined || paths.has(route)) return [];
      const hint = "Write a route's path as it stands under `routes`, or leave it out for all.";
      return [{ path: ['guards', 'waf', list, at, 'route'], message: 'names no route', hint }];
    });
  });
}

/** A route may take the document of all routes; one of them must name it. */
function documentProblems(config: Raw): readonly PathProblem[] {
  if (asRaw(asRaw(config['guards'])['schema'])['file'] !== undefined) return [];
  return blocks(config['routes']).flatMap(([at, route]) => {
    const schema = asRaw(route['guards'])['schema'];
    if (schema === undefined || asRaw(schema)['file'] !== undefined || asRaw(schema)['mode'] === 'off') return [];
    const hint = 'Name the OpenAPI document here or in `guards.schema`, such as file: openapi.yaml.';
    return [{ path: ['routes', at, 'guards', 'schema', 'file'], message: 'is missing', hint }];
  });
}

/** A plan that is not there would limit nobody. */
function planProblems(config: Raw): readonly PathProblem[] {
  const keys = asRaw(config['keys']);
  const plans = Object.keys(asRaw(keys['plans']));
  const named: readonly (readonly [readonly PropertyKey[], unknown])[] = [
    [['keys', 'plan'], keys['plan']],
    ...Object.entries(asRaw(config['tenants'])).map(
      ([tenant, said]) => [['tenants', tenant, 'plan'], asRaw(said)['plan']] as const,
    ),
  ];
  return named.flatMap(([path, plan]) => {
    if (typeof plan !== 'string' || plans.includes(plan)) return [];
    const near = nearestName(plan, plans);
    const hint = near === undefined ? 'Declare it under `keys.plans`.' : `Did you mean \`${near}\`?`;
    return [{ path, message: 'names no plan', hint }];
  });
}

function controlProblems(listen: unknown): readonly PathProblem[] {
  const main = addressOf(listen, 8080);
  const control = addressOf(asRaw(listen)['control'], 8081);
  if (asRaw(listen)['control'] === undefined || main !== control || main.endsWith(':0')) return [];
  const hint = 'Give it a port of its own, such as 127.0.0.1:8081.';
  return [{ path: ['listen', 'control'], message: 'is the address of `listen` itself', hint }];
}

function addressOf(listener: unknown, port: number): string {
  if (typeof listener === 'string') return listener;
  const raw = asRaw(listener);
  return `${scalarText(raw['host'] ?? '127.0.0.1')}:${scalarText(raw['port'] ?? port)}`;
}

/** Only scalars have a text: an operator's block may hold a `toString` of its own. */
function scalarText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : '?';
}

function routeProblems(route: Raw, path: readonly PropertyKey[], upstreams: readonly string[]): readonly PathProblem[] {
  const isDenied = route['deny'] === true || route['deny'] === 'true';
  if (isDenied) return route['upstream'] === undefined ? [] : upstreamProblems(route, path, upstreams);
  return [...upstreamProblems(route, path, upstreams), ...permissionProblems(route, path)];
}

function permissionProblems(route: Raw, path: readonly PropertyKey[]): readonly PathProblem[] {
  const isPublic = route['access'] === 'public';
  if (route['permission'] === undefined && !isPublic) {
    const hint = 'Name what the caller must hold, such as app:read, or open it by name: access: public.';
    return [{ path: [...path, 'permission'], message: 'is missing', hint }];
  }
  if (route['permission'] !== undefined && isPublic) {
    const hint = 'Remove it, or close the route: access: session.';
    return [{ path: [...path, 'permission'], message: 'has no meaning on a public route', hint }];
  }
  return [];
}

function upstreamProblems(
  entry: Raw,
  path: readonly PropertyKey[],
  upstreams: readonly string[],
): readonly PathProblem[] {
  const upstream = entry['upstream'];
  const at = [...path, 'upstream'];
  if (upstream === undefined && upstreams.length !== 1)
    return [{ path: at, message: 'is missing', hint: named(upstreams) }];
  if (typeof upstream !== 'string' || upstreams.includes(upstream)) return [];
  const near = nearestName(upstream, upstreams);
  const hint = near === undefined ? named(upstreams) : `Did you mean \`${near}\`?`;
  return [{ path: at, message: 'names no upstream', hint }];
}

function named(upstreams: readonly string[]): string {
  return upstreams.length === 0 ? 'Declare one under `upstreams`.' : `One of: ${upstreams.join(', ')}.`;
}

/** A code must tell its role by its prefix alone: none may begin with another. */
function prefixProblems(roles: Raw): readonly PathProblem[] {
  const names = [...new Set([...BUILT_IN_ROLES, ...Object.keys(roles)])];
  const prefixes = names.map((name) => ({ name, prefix: prefixOf(name, roles) }));
  return prefixes.slice(BUILT_IN_ROLES.length).flatMap(({ name, prefix }) => {
    const other = prefixes.find(
      (it) => it.name !== name && (it.prefix.startsWith(prefix) || prefix.startsWith(it.prefix)),
    );
    if (other === undefined) return [];
    const hint = 'Give each role a prefix of its own that does not begin with another.';
    return [{ path: ['roles', name, 'invitePrefix'], message: `cannot be told from that of role ${other.name}`, hint }];
  });
}

function prefixOf(name: string, roles: Raw): string {
  const configured = asRaw(roles[name])['invitePrefix'];
  return typeof configured === 'string' ? configured : defaultInvitePrefix(name);
}

function asRaw(value: unknown): Raw {
  // Any object can be read by name; what it holds is unknown until looked at.
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

/** The blocks of a list with their places; what is no block has its problem from the schema. */
function blocks(value: unknown): readonly (readonly [number, Raw])[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry, at) => [at, asRaw(entry)] as const).filter(([at, raw]) => raw === value[at]);
}
