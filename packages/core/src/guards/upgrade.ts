import { deny, type Guard, PASS } from '../guard.ts';
import type { RoutePolicy } from '../policy/policy.ts';

/** Refuses WebSocket upgrades on routes that do not open them by name: a socket would pass every guard of messages (SB11, T7). */
export function upgradeGuard({ config }: RoutePolicy): Guard {
  const exception = `${config}.websocket: true`;
  const refusal = deny('not-found', { rule: 'no WebSocket here', field: 'header:upgrade', config, exception });
  return {
    id: 'upgrade',
    phase: 'screen',
    onError: 'deny',
    evaluate: ({ request }) => (request.upgrade === undefined ? PASS : refusal),
  };
}
