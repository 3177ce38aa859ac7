import { listAudit } from './audit.ts';
import { createBlock, liftBlock, listBlocks } from './blocks.ts';
import type { AnyOperatorCommand } from './command.ts';
import { explainDecision } from './decisions.ts';
import { createInvite, listInvites, revokeInvite } from './invites.ts';
import { createKey, importKey, listKeys, revokeKey, rotateKey } from './keys.ts';
import { readMetrics } from './metrics.ts';
import { importOwner, listOrphans, listOwners, transferOwner } from './owners.ts';
import { runPosture } from './posture.ts';
import { schemaTraffic } from './schema.ts';
import { rotateSecrets } from './secrets.ts';
import { createSession, listSessions, revokeSessions } from './sessions.ts';
import { createTenant, listTenants } from './tenants.ts';
import { listUpstreams } from './upstreams.ts';
import { createUser, disableUser, listUsers } from './users.ts';

/** Everything that the control socket answers. */
export const OPERATOR_COMMANDS: readonly AnyOperatorCommand[] = [
  createInvite,
  listInvites,
  revokeInvite,
  createUser,
  listUsers,
  disableUser,
  createSession,
  listSessions,
  revokeSessions,
  createKey,
  importKey,
  listKeys,
  rotateKey,
  revokeKey,
  createBlock,
  listBlocks,
  liftBlock,
  listOwners,
  listOrphans,
  importOwner,
  transferOwner,
  createTenant,
  listTenants,
  listAudit,
  explainDecision,
  schemaTraffic,
  listUpstreams,
  runPosture,
  readMetrics,
  rotateSecrets,
];
