import { listAudit } from './audit.ts';
import { getSession, login, logout, refresh, switchTenant } from './auth.ts';
import {
  createAddressBlock,
  createBlock,
  liftAddressBlock,
  liftBlock,
  listAddressBlocks,
  listBlocks,
} from './blocks.ts';
import { explain } from './decisions.ts';
import { createInvite, listInvites, revokeInvite } from './invites.ts';
import { createKey, getKeyUsage, getOwnUsage, listKeys, reportKeyLeak, revokeKey, rotateKey } from './keys.ts';
import { importOwner, listOwned } from './owners.ts';
import { runPosture } from './posture.ts';
import type { AnyOperation } from './route.ts';
import { listOwnSessions, listSessions, revokeOwnSession, revokeSession } from './sessions.ts';
import { listUpstreams } from './upstreams.ts';
import { disableUser, listUsers } from './users.ts';

/** Every operation of the control API. What is not listed here is not mounted, documented or reachable. */
export const OPERATIONS: readonly AnyOperation[] = [
  login,
  refresh,
  logout,
  getSession,
  switchTenant,
  listOwnSessions,
  revokeOwnSession,
  listSessions,
  revokeSession,
  createInvite,
  listInvites,
  revokeInvite,
  createKey,
  listKeys,
  rotateKey,
  revokeKey,
  getKeyUsage,
  getOwnUsage,
  reportKeyLeak,
  listBlocks,
  createBlock,
  liftBlock,
  listAddressBlocks,
  createAddressBlock,
  liftAddressBlock,
  listUsers,
  disableUser,
  listOwned,
  importOwner,
  explain,
  listAudit,
  listUpstreams,
  runPosture,
];
