import type { GatewayConfig } from '../config/gateway-config.ts';
import type { OperatorSettings } from './deps.ts';

/** Until every instance that still signs has heard of the new key (T11). */
const HEARD_MS = 5_000;

/** What of the configuration operator commands need. */
export function operatorSettings({
  config,
  publicUrl,
}: {
  config: GatewayConfig;
  publicUrl: string;
}): OperatorSettings {
  return {
    roles: Object.keys(config.roles),
    inviteLifeMs: config.invites.lifeMs,
    inviteUses: config.invites.uses,
    keyOverlapMs: config.sessions.accessTokenLifeMs + HEARD_MS,
    publicUrl,
  };
}
