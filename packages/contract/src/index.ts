export { AuditEntryView, listAudit } from './audit.ts';
export { getSession, LoggedIn, login, logout, refresh, SessionView, switchTenant } from './auth.ts';
export {
  BlockView,
  createAddressBlock,
  createBlock,
  liftAddressBlock,
  liftBlock,
  listAddressBlocks,
  listBlocks,
} from './blocks.ts';
export { Ended } from './common.ts';
export { Explanation, explain, FindingView } from './decisions.ts';
export { createInvite, InviteView, listInvites, revokeInvite } from './invites.ts';
export {
  ApiKeyView,
  createKey,
  getKeyUsage,
  getOwnUsage,
  listKeys,
  reportKeyLeak,
  revokeKey,
  rotateKey,
} from './keys.ts';
export { openApiDocument } from './openapi.ts';
export { OPERATIONS } from './operations.ts';
export { importOwner, listOwned, OwnedObject } from './owners.ts';
export { ControlView, Posture, runPosture } from './posture.ts';
export { Problem } from './problem.ts';
export {
  type AnyOperation,
  type BodyOf,
  type Operation,
  type OperationAccess,
  type QueryOf,
  type ReplyOf,
} from './route.ts';
export { listOwnSessions, listSessions, revokeOwnSession, revokeSession, SessionSummary } from './sessions.ts';
export { listUpstreams, UpstreamList } from './upstreams.ts';
export { disableUser, listUsers, UserView } from './users.ts';
