/**
 * Whose rows a query or a change may touch: one tenant's, or every tenant's.
 *
 * Whoever acts in a tenant is such a reach. PostgreSQL holds the statements to it, whatever their conditions say (row-level
 * security); SQLite has no such means.
 */
export interface Reach {
  readonly tenantId: string;
}

/** For what the gate itself does across tenants: finding a credential by its id, housekeeping, the platform, the log as a whole. */
export const EVERY_TENANT: Reach = { tenantId: '*' };
