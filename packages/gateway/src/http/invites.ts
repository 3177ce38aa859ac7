import { createInvite, listInvites, revokeInvite } from '@steadygate/contract';
import { ProblemError } from '@steadygate/core';
import type { FastifyInstance } from 'fastify';
import type { InviteDesk } from '../auth/invite-desk.ts';
import type { Invite, Invites } from '../store/invites.ts';
import { by } from './by.ts';
import { mount } from './mount.ts';

export interface InviteRouteDeps {
  readonly desk: InviteDesk;
  readonly invites: Pick<Invites, 'list' | 'revoke'>;
  readonly stateOf: (invite: Invite, nowMs: number) => 'open' | 'used' | 'expired' | 'revoked';
  /** The address of a link. */
  readonly linkOf: (secret: string) => string;
}

/** Invites of a tenant. */
export function inviteRoutes(app: FastifyInstance, deps: InviteRouteDeps): void {
  const toView = (invite: Invite, nowMs: number) => ({
    id: invite.id,
    role: invite.role ?? '',
    userId: invite.userId ?? null,
    usesLeft: invite.usesLeft,
    usesMax: invite.usesMax,
    createdAt: invite.createdAtMs,
    expiresAt: invite.expiresAtMs,
    state: deps.stateOf(invite, nowMs),
  });

  mount(app, createInvite, async ({ access, principal, body, own }) => {
    const order = { role: body.role, uses: body.uses, expiresAtMs: own.nowMs + body.expiresInSeconds * 1000 };
    const holder = { access, permissions: principal.permissions };
    const { invite, code, link } = await deps.desk.issueFor(holder, order, by(access, own));
    return { ...toView(invite, own.nowMs), invite: code, link: deps.linkOf(link) };
  });

  mount(app, listInvites, async ({ access, query, own }) => {
    const page = await deps.invites.list(access, query);
    return { invites: page.items.map((invite) => toView(invite, own.nowMs)), nextCursor: page.nextCursor };
  });

  mount(app, revokeInvite, async ({ access, params, own }) => {
    if (!(await deps.invites.revoke(params['id'] ?? '', by(access, own)))) throw new ProblemError('not-found');
    return undefined;
  });
}
