import { InviteView } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import { z } from 'zod';
import type { Invite } from '../store/invites.ts';
import { defineCommand } from './command.ts';
import type { OperatorDeps } from './deps.ts';
import { AnId, byOperator, lifeOf, NextCursor, PAGE, Role, Tenant } from './fields.ts';
import { inviteLink } from './links.ts';
import { assertTenant } from './tenants.ts';

/** Issues an invite. Its code and link are in the answer and nowhere else. */
export const createInvite = defineCommand({
  name: 'invite.create',
  summary: 'Issue an invite',
  needsServer: false,
  input: z.strictObject({
    role: Role,
    tenant: Tenant,
    userId: AnId.optional(),
    uses: z.int().min(1, 'at least 1').max(1000, 'at most 1000').optional(),
    lifeMs: lifeOf(30).optional(),
  }),
  output: z.strictObject({ id: z.string(), invite: z.string(), link: z.string(), expiresAt: z.int() }),
  async run(deps, { role, tenant, userId, uses, lifeMs }) {
    await assertTenant(deps, tenant);
    const by = byOperator(deps, tenant);
    const { inviteLifeMs, inviteUses, publicUrl } = deps.settings();
    // An invite for an existing user is one person's: a second use would be somebody else.
    const usesMax = uses ?? (userId === undefined ? inviteUses : 1);
    const order = { role, uses: usesMax, expiresAtMs: by.nowMs + (lifeMs ?? inviteLifeMs), userId };
    const { invite, code, link } = await deps.desk.issue(order, by);
    return { id: invite.id, invite: code, link: inviteLink(publicUrl, link), expiresAt: invite.expiresAtMs };
  },
});

/** Lists a tenant's invites, without their codes. */
export const listInvites = defineCommand({
  name: 'invite.list',
  summary: 'List invites',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, ...PAGE }),
  output: z.strictObject({ invites: z.array(InviteView), nextCursor: NextCursor }),
  async run(deps, { tenant, ...page }) {
    await assertTenant(deps, tenant);
    const { items, nextCursor } = await deps.store.invites.list(deps.actor(tenant), page);
    return { invites: items.map((invite) => toView(deps, invite)), nextCursor };
  },
});

/** Withdraws an open invite. */
export const revokeInvite = defineCommand({
  name: 'invite.revoke',
  summary: 'Withdraw an invite',
  needsServer: false,
  input: z.strictObject({ tenant: Tenant, id: AnId }),
  output: z.strictObject({ id: z.string() }),
  async run(deps, { tenant, id }) {
    await assertTenant(deps, tenant);
    if (await deps.store.invites.revoke(id, byOperator(deps, tenant))) return { id };
    throw new ProblemError('not-found', { detail: 'There is no such open invite in this tenant.' });
  },
});

function toView(deps: OperatorDeps, invite: Invite): z.input<typeof InviteView> {
  const { id, role, userId, usesLeft, usesMax, createdAtMs, expiresAtMs } = invite;
  const state = deps.inviteState(invite, deps.clock.nowMs());
  return {
    id,
    usesLeft,
    usesMax,
    state,
    role: role ?? '',
    userId: userId ?? null,
    createdAt: createdAtMs,
    expiresAt: expiresAtMs,
  };
}
