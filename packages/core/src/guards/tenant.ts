import { deny, type Guard, PASS } from '../guard.ts';

/**
 * Keeps sessions of tenant `system` off upstreams (T15): platform work and an application's data do not mix, and objects
 * of `system` would belong to no customer.
 */
export function tenantGuard(): Guard {
  const detail = 'A session of tenant system has no access to applications. Switch the tenant with POST /auth/session.';
  const refusal = deny('permission-denied', { rule: 'tenant system has no upstreams' }, { detail });
  return {
    id: 'tenant',
    phase: 'authorize',
    onError: 'deny',
    evaluate: ({ principal }) => (principal !== undefined && principal.tenantId !== 'system' ? PASS : refusal),
  };
}
