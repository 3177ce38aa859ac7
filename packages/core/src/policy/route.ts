import type { Guard } from '../guard.ts';
import type { Operation } from '../ownership/operation.ts';
import type { RoutePolicy } from './policy.ts';

/** A route as the table holds it: its policy, its guards in order, ready to run. */
export interface Route {
  readonly policy: RoutePolicy;
  readonly guards: readonly Guard[];
}

/** What a request matched. */
export interface RouteMatch {
  readonly route: Route;
  /**
   * What ownership declares of this method and path: present on every forwarded request of an isolated upstream.
   * `undeclared` is refused (T6); undefined when the upstream isolates nothing.
   */
  readonly operation: Operation | 'undeclared' | undefined;
}
