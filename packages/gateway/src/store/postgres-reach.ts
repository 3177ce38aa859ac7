import { escapeLiteral } from 'pg';
import { EVERY_TENANT, type Reach } from './reach.ts';

/** What the policies of row-level security compare with. Without it, a connection sees no tenant's rows. */
export const TENANT_SETTING = 'steadygate.tenant';

/** Tells the server whose rows the next statements may touch: those of the transaction, or all of the connection. */
export function reachStatement(reach: Reach, until: 'transaction' | 'connection'): string {
  const { tenantId } = reach;
  // The one name that opens everything is no tenant's.
  if (tenantId === EVERY_TENANT.tenantId && reach !== EVERY_TENANT) throw new Error('no tenant is called so');
  return `SELECT set_config('${TENANT_SETTING}', ${escapeLiteral(tenantId)}, ${until === 'transaction'})`;
}
