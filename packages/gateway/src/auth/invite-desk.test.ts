import { permissionsOf, type PermissionSet, ProblemError, type TenantAccess } from '@steadygate/core';
import { describe, expect, it } from 'vitest';
import { publicContext } from '../../../../e2e/support/control-context.ts';
import { deriveKey } from '../crypto/digest.ts';
import { inviteSecrets } from '../crypto/invite-secrets.ts';
import { systemRandom } from '../crypto/random.ts';
import { actAsSystem } from '../store/actor.ts';
import type { Invite, Invites, NewInvite, NewLoginLink } from '../store/invites.ts';
import type { Redemption } from '../store/redeem.ts';
import { InviteDesk } from './invite-desk.ts';

const NOW = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const ROLES = {
  admin: { permissions: ['*'], invitePrefix: 'SB-ADMIN-' },
  viewer: { permissions: ['*:read'], invitePrefix: 'SB-VIEW-' },
  host: { permissions: ['app:*', 'invite:*'], invitePrefix: 'SB-HOST-' },
  member: { permissions: ['app:*'], invitePrefix: 'SB-MEMBER-' },
} as const;

/** The desk with real secrets, over a store that knows one user: `u1`. */
function parts() {
  const created: NewInvite[] = [];
  const links: NewLoginLink[] = [];
  const redeemed: Redemption[] = [];
  const invites: Pick<Invites, 'create' | 'createLoginLink' | 'redeem'> = {
    async create(invite) {
      created.push(invite);
      return invite.userId === undefined || invite.userId === 'u1' ? toInvite(invite) : undefined;
    },
    async createLoginLink(link) {
      links.push(link);
      return link.userId === 'u1' ? toInvite({ ...link, role: '', prefix: '', uses: 1 }) : undefined;
    },
    async redeem(redemption) {
      redeemed.push(redemption);
      return undefined;
    },
  };
  const desk = new InviteDesk({
    // What the desk never asks is left out.
    invites: invites as Invites,
    secrets: inviteSecrets(deriveKey('test', 'invite-pepper'), systemRandom),
    settings: () => ({ length: 12, sessionLifeMs: DAY_MS, roles: ROLES }),
  });
  return { desk, created, links, redeemed };
}

function toInvite({ role, prefix, userId, uses, expiresAtMs }: NewInvite): Invite {
  const counts = { usesLeft: uses, usesMax: uses, createdAtMs: NOW, expiresAtMs, revokedAtMs: undefined };
  return { id: 'i1', tenantId: 'default', kind: 'invite', role, prefix, userId, ...counts };
}

const BY = { actor: actAsSystem('cli', 'default'), nowMs: NOW };
const order = (role: string) => ({ role, uses: 1, expiresAtMs: NOW + DAY_MS });
const moment = () => ({ request: publicContext('/auth/login').request, nowMs: NOW });

function holder(grants: readonly string[]): { access: TenantAccess; permissions: PermissionSet } {
  // The brand exists only in the type; the desk passes it on unread.
  const access = { tenantId: 'default', userId: 'u1', credentialId: 's1' } as unknown as TenantAccess;
  return { access, permissions: permissionsOf(grants, 'default') };
}

async function codeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return 'issued';
  } catch (error) {
    return error instanceof ProblemError ? error.code : 'a bug';
  }
}

describe('issue', () => {
  it('AU1, SB3: makes a code of the role’s prefix and the configured length, and a link with 128 bits', async () => {
    const { desk, created } = parts();
    const { code, link } = await desk.issue(order('viewer'), BY);
    expect(code).toMatch(/^SB-VIEW-[2-9A-HJKMNP-Z]{12}$/);
    expect(link).toMatch(/^sgi_[\w-]{22}$/);
    const kept = JSON.stringify(created);
    expect(kept).not.toContain(code.slice(-12));
    expect(kept).not.toContain(link);
  });

  it('refuses a role that the configuration does not have, those of the language included', async () => {
    const { desk, created } = parts();
    for (const role of ['nobody', 'constructor', 'toString', '__proto__', 'hasOwnProperty', '']) {
      expect(await codeOf(desk.issue(order(role), BY))).toBe('input-invalid');
      expect(await codeOf(desk.issueFor(holder(['*']), order(role), BY))).not.toBe('issued');
    }
    expect(created).toEqual([]);
  });

  it('refuses an invite or link for a user that is not', async () => {
    const { desk } = parts();
    expect(await codeOf(desk.issue({ ...order('member'), userId: 'u2' }, BY))).toBe('not-found');
    expect(await codeOf(desk.issueLoginLink('u2', NOW + DAY_MS, BY))).toBe('not-found');
    expect(await desk.issueLoginLink('u1', NOW + DAY_MS, BY)).toMatch(/^sgl_[\w-]{22}$/);
  });
});

describe('issueFor', () => {
  it.each([
    [['*'], 'admin', 'issued'],
    [['app:*', 'invite:*'], 'member', 'issued'],
    [['app:*', 'invite:*'], 'host', 'issued'],
    [['app:*', 'invite:*'], 'admin', 'permission-denied'],
    [['app:*', 'invite:*'], 'viewer', 'permission-denied'],
    [['*:read', 'invite:write'], 'viewer', 'issued'],
    [['*:read', '*:write'], 'admin', 'permission-denied'],
    [['invite:write'], 'member', 'permission-denied'],
  ])('T15: holders of %j inviting a %s: %s', async (grants, role, expected) => {
    expect(await codeOf(parts().desk.issueFor(holder(grants), order(role), BY))).toBe(expected);
  });
});

describe('redeem', () => {
  it('T17: asks the store by a keyed digest, and what the secret’s form says it opens', async () => {
    const { desk, created, links, redeemed } = parts();
    const { code, link } = await desk.issue(order('member'), BY);
    const login = await desk.issueLoginLink('u1', NOW + DAY_MS, BY);
    for (const secret of [code.toLowerCase(), link, login]) {
      await desk.redeem({ secret, name: undefined, audience: 'session' }, moment());
    }
    const [invite] = created;
    expect(redeemed.map(({ digest, kind }) => [digest, kind])).toEqual([
      [invite?.codeDigest, 'invite'],
      [invite?.linkDigest, 'invite'],
      [links[0]?.linkDigest, 'login-link'],
    ]);
    expect(redeemed[0]?.sessionEndsAtMs).toBe(NOW + DAY_MS);
  });

  it('does not ask at all for what can be none of ours', async () => {
    const { desk, redeemed } = parts();
    for (const secret of ['', 'x', 'sgi_short', 'é'.repeat(20), 'A'.repeat(129)]) {
      expect(await desk.redeem({ secret, name: undefined, audience: 'session' }, moment())).toBeUndefined();
      expect(desk.isShortCode(secret)).toBe(false);
    }
    expect(redeemed).toEqual([]);
  });

  it('T17: only codes are short enough to be guessed', async () => {
    const { desk } = parts();
    const { code, link } = await desk.issue(order('member'), BY);
    expect([desk.isShortCode(code), desk.isShortCode(link)]).toEqual([true, false]);
  });
});
