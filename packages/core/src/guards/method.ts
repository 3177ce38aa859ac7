import { deny, type Guard, PASS } from '../guard.ts';
import { FORWARDED_METHODS } from '../policy/methods.ts';
import type { RoutePolicy } from '../policy/policy.ts';

/** Refuses methods that no route of this path lists; `Allow` names those that one does (T9, RFC 9110 §15.5.6). */
export function methodGuard(route: RoutePolicy, allowedMethods: readonly string[]): Guard {
  const listed = route.methods ?? FORWARDED_METHODS;
  const methods = new Set(listed);
  const answerHeaders = ['allow', [...allowedMethods, 'OPTIONS'].join(', ')];
  return {
    id: 'method',
    phase: 'screen',
    onError: 'deny',
    evaluate({ request }) {
      if (methods.has(request.method)) return PASS;
      const finding = {
        rule: 'method not listed',
        field: 'method',
        evidence: request.method,
        config: `${route.config}.methods`,
      };
      if (!FORWARDED_METHODS.includes(request.method)) return { ...deny('method-refused', finding), answerHeaders };
      const exception = `${route.config}.methods: [${[...listed, request.method].join(', ')}]`;
      return { ...deny('method-refused', { ...finding, exception }), answerHeaders };
    },
  };
}
