import { ProblemError, type TenantAccess, type PermissionSet } from '@steadygate/core';
import type { Change } from '../store/change.ts';
import type { Digest } from '../store/crypto-port.ts';
import type { Invite, Invites } from '../store/invites.ts';
import type { StartedSession } from '../store/session-lifecycle.ts';
import type { Moment, Presentation } from './sign-in.ts';

/** Makes and reads the secrets of invites. Implemented in `crypto`. */
export interface InviteSecrets {
  newCode(prefix: string, characters: number): string;
  newInviteLink(): string;
  newLoginLink(): string;
  /** The keyed digest of what somebody typed or followed; undefined when it can be none of ours. */
  read(text: string): { readonly kind: 'code' | 'invite-link' | 'login-link'; readonly digest: Digest } | undefined;
}

/** What of the configuration an invite needs. */
export interface InviteSettings {
  readonly length: number;
  readonly sessionLifeMs: number;
  readonly roles: Readonly<Record<string, { readonly permissions: readonly string[]; readonly invitePrefix: string }>>;
}

/** What an invite is to be. */
export interface InviteOrder {
  readonly role: string;
  readonly uses: number;
  readonly expiresAtMs: number;
  /** For the operator only: a tenant's administrator must not become somebody else (T10). */
  readonly userId?: string | undefined;
}

/** An invite with the one copy of its secrets. */
export interface IssuedInvite {
  readonly invite: Invite;
  readonly code: string;
  readonly link: string;
}

export interface InviteDeskDeps {
  readonly invites: Invites;
  readonly secrets: InviteSecrets;
  /** Read at each use: a reload may change them. */
  readonly settings: () => InviteSettings;
}

/** Issues and redeems invites and one-time log-in links. Only keyed digests of their secrets are ever kept (T17). */
export class InviteDesk {
  readonly #deps: InviteDeskDeps;

  constructor(deps: InviteDeskDeps) {
    this.#deps = deps;
  }

  /** @throws ProblemError `input-invalid` for an unknown role, `not-found` for an unknown user */
  async issue(order: InviteOrder, by: Change): Promise<IssuedInvite> {
    const { secrets, settings, invites } = this.#deps;
    const { roles, length } = settings();
    // `constructor` is a well-formed role name, and no role.
    const role = Object.hasOwn(roles, order.role) ? roles[order.role] : undefined;
    if (role === undefined) throw unknownRole(order.role, Object.keys(roles));
    const code = secrets.newCode(role.invitePrefix, length);
    const link = secrets.newInviteLink();
    const digests = { codeDigest: this.#digest(code), linkDigest: this.#digest(link) };
    const invite = await invites.create({ ...order, prefix: role.invitePrefix, ...digests }, by);
    if (invite === undefined) throw new ProblemError('not-found', { detail: 'There is no such live user.' });
    return { invite, code, link };
  }

  /** The same for a principal, who hands out no more than they hold. @throws ProblemError `permission-denied` */
  async issueFor(
    holder: { readonly access: TenantAccess; readonly permissions: PermissionSet },
    order: Omit<InviteOrder, 'userId'>,
    by: Change,
  ): Promise<IssuedInvite> {
    const grants = this.#deps.settings().roles[order.role]?.permissions ?? [];
    if (!holder.permissions.covers(grants)) {
      throw new ProblemError('permission-denied', { detail: `Role ${order.role} holds permissions that you do not.` });
    }
    return this.issue(order, by);
  }

  /** A one-time log-in link for an existing user: for the operator only (T10). @throws ProblemError `not-found` */
  async issueLoginLink(userId: string, expiresAtMs: number, by: Change): Promise<string> {
    const link = this.#deps.secrets.newLoginLink();
    const made = await this.#deps.invites.createLoginLink({ userId, expiresAtMs, linkDigest: this.#digest(link) }, by);
    if (made === undefined)
      throw new ProblemError('not-found', { detail: 'There is no such live user in this tenant.' });
    return link;
  }

  /** Begins a session; undefined when the secret holds nothing, whatever the reason. */
  async redeem(
    { secret, name, audience }: Presentation,
    { nowMs, request }: Moment,
  ): Promise<StartedSession | undefined> {
    const read = this.#deps.secrets.read(secret);
    if (read === undefined) return undefined;
    return this.#deps.invites.redeem({
      digest: read.digest,
      kind: read.kind === 'login-link' ? 'login-link' : 'invite',
      name,
      audience,
      sessionEndsAtMs: nowMs + this.#deps.settings().sessionLifeMs,
      nowMs,
      requestId: request.id,
    });
  }

  /** Whether a secret is short enough to be guessed (T17). */
  isShortCode(secret: string): boolean {
    return this.#deps.secrets.read(secret)?.kind === 'code';
  }

  #digest(secret: string): Digest {
    const read = this.#deps.secrets.read(secret);
    if (read === undefined) throw new Error('an issued secret does not read back');
    return read.digest;
  }
}

function unknownRole(role: string, known: readonly string[]): ProblemError {
  return new ProblemError('input-invalid', { detail: `There is no role ${role}. Roles: ${known.join(', ')}.` });
}
