import type { SessionView } from '@steadygate/contract';
import { type PermissionSet, permissionsOf, type Principal, type TenantAccess } from '@steadygate/core';
import type { z } from 'zod';
import type { CsrfTokens } from '../auth/access-tokens.ts';
import type { Actor } from '../store/actor.ts';
import type { Session } from '../store/session-lifecycle.ts';
import type { Users } from '../store/users.ts';

export type SessionViewValue = z.input<typeof SessionView>;

export interface SessionViewerDeps {
  readonly users: Pick<Users, 'get'>;
  readonly csrf: CsrfTokens;
  readonly grantsOf: (role: string) => readonly string[] | undefined;
  /** The gate acting in a tenant: for a session that just began. */
  readonly actIn: (tenantId: string) => Actor;
  readonly sessionById: (sessionId: string) => Promise<Session | undefined>;
}

/** Shows people who they are. */
export class SessionViewer {
  readonly #deps: SessionViewerDeps;

  constructor(deps: SessionViewerDeps) {
    this.#deps = deps;
  }

  /** A session that just began. */
  async ofSession(session: Session): Promise<SessionViewValue> {
    const permissions = permissionsOf(this.#deps.grantsOf(session.role) ?? [], session.tenantId);
    return this.#view(this.#deps.actIn(session.tenantId), session, permissions);
  }

  /** The session that asks. */
  async ofPrincipal(access: TenantAccess, principal: Principal, nowMs: number): Promise<SessionViewValue> {
    const { userId, tenantId, role, credential, permissions } = principal;
    const session = await this.#deps.sessionById(credential.id);
    const expiresAtMs = session?.expiresAtMs ?? nowMs;
    return this.#view(access, { id: credential.id, userId, tenantId, role, expiresAtMs }, permissions);
  }

  async #view(
    actor: Actor,
    session: Pick<Session, 'id' | 'userId' | 'tenantId' | 'role' | 'expiresAtMs'>,
    permissions: PermissionSet,
  ): Promise<SessionViewValue> {
    const user = await this.#deps.users.get(actor, session.userId);
    return {
      user: { id: session.userId, name: user?.name ?? null },
      role: session.role,
      tenant: session.tenantId,
      sessionId: session.id,
      expiresAt: session.expiresAtMs,
      permissions: [...permissions.list()],
      csrfToken: this.#deps.csrf.of(session.id),
    };
  }
}
