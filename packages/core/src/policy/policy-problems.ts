import { parseRange } from '../net/address.ts';
import { isOrigin } from './origins.ts';
import type { CorsPolicy, Policy } from './policy.ts';
import type { PolicyProblem } from './problem.ts';
import { methodsOf, type RouteGroup } from './route-groups.ts';
import { patternKey } from './pattern.ts';
import { routeTrie } from './route-trie.ts';

/** What is wrong with the policy beside its single routes. */
export function policyProblems(policy: Policy): readonly PolicyProblem[] {
  return [
    ...rangeProblems(policy.screen.allowAddresses, 'screen.allowAddresses'),
    ...rangeProblems(policy.screen.denyAddresses, 'screen.denyAddresses'),
    ...originProblems(policy.origins, 'origins'),
    ...corsProblems(policy.cors, 'cors'),
    ...policy.routes.flatMap(({ cors, config }) => (cors === undefined ? [] : corsProblems(cors, `${config}.cors`))),
  ];
}

function rangeProblems(texts: readonly string[], config: string): readonly PolicyProblem[] {
  return texts.flatMap((text, at) => {
    if (parseRange(text) !== undefined) return [];
    const hint = 'write 10.0.0.0/8, 2001:db8::/32 or one address; no bits may be set below the prefix';
    return [{ config: `${config}[${at}]`, message: `"${text}" is no address range`, hint }];
  });
}

function corsProblems(cors: CorsPolicy, config: string): readonly PolicyProblem[] {
  return originProblems(cors.origins, `${config}.origins`);
}

function originProblems(origins: readonly string[], config: string): readonly PolicyProblem[] {
  return origins.flatMap((origin, at) => {
    if (isOrigin(origin)) return [];
    const hint =
      'list exact origins, such as https://app.example.com: scheme and host in lower case, no path, no wildcard';
    return [{ config: `${config}[${at}]`, message: `"${origin}" is no exact origin`, hint }];
  });
}

/** Routes of one path that take the same method: which of them counts would depend on their order. */
export function duplicateProblems(groups: readonly RouteGroup[]): readonly PolicyProblem[] {
  return groups.flatMap(({ routes }) => {
    return routes.flatMap((route, at) => {
      const methods = methodsOf(route);
      const twin = routes.slice(0, at).find((other) => methodsOf(other).some((method) => methods.includes(method)));
      if (twin === undefined) return [];
      const message = `${twin.config} has the same path and a method in common`;
      return [{ config: `${route.config}.path`, message, hint: 'list different methods, or remove one of the routes' }];
    });
  });
}

/** Served routes that a lax server could take for a denied path (T9). */
export function spellingProblems(groups: readonly RouteGroup[]): readonly PolicyProblem[] {
  const denied = groups.filter(({ routes }) => routes.some(({ deny }) => deny));
  const exact = routeTrie(denied.map((group) => ({ pattern: group.pattern, value: group })));
  const folded = routeTrie(denied.map((group) => ({ pattern: group.folded, value: group })));
  return groups
    .filter(({ routes }) => routes.some(({ deny }) => !deny))
    .flatMap((group) => {
      const hit = folded.find(patternKey(group.folded));
      if (hit === undefined || hit === group || exact.find(patternKey(group.pattern)) === hit) return [];
      const message = `${group.pattern.text} is another spelling of what ${hit.leading.config} denies (${hit.pattern.text})`;
      return [
        { config: `${group.leading.config}.path`, message, hint: 'spell it as the denied path is spelt, or remove it' },
      ];
    });
}
