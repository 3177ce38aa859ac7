import type { RoleConfig } from './gateway-config.ts';
import type { Config } from './schema.ts';

const BUILT_IN: Readonly<Record<string, RoleConfig>> = {
  admin: { permissions: ['*'], invitePrefix: 'SB-ADMIN-' },
  viewer: { permissions: ['*:read'], invitePrefix: 'SB-VIEW-' },
};

/** How a role's invite codes begin when the configuration does not say. */
export function defaultInvitePrefix(role: string): string {
  return BUILT_IN[role]?.invitePrefix ?? `SB-${role.toUpperCase()}-`;
}

/** Names of the roles that always exist. */
export const BUILT_IN_ROLES: readonly string[] = Object.keys(BUILT_IN);

/** All roles: `admin` and `viewer`, and those configured. */
export function rolesOf(config: Config): Readonly<Record<string, RoleConfig>> {
  const configured = Object.entries(config.roles).map(([name, role]): [string, RoleConfig] => {
    return [name, { permissions: role.permissions, invitePrefix: role.invitePrefix ?? defaultInvitePrefix(name) }];
  });
  return { ...BUILT_IN, ...Object.fromEntries(configured) };
}
