import type { KeyObject } from 'node:crypto';
import type { Random } from '@steadygate/core';
import type { InviteSecrets } from '../auth/invite-desk.ts';
import { keyedDigest } from './digest.ts';
import { newInviteCode, newInviteLinkSecret, newLoginLinkSecret, parseOneTimeSecret } from './one-time-secret.ts';

/** Secrets of invites under a pepper: without it a stolen store confirms no guess (T17). */
export function inviteSecrets(pepper: KeyObject, random: Random): InviteSecrets {
  return {
    newCode: (prefix, characters) => newInviteCode(prefix, random, characters),
    newInviteLink: () => newInviteLinkSecret(random),
    newLoginLink: () => newLoginLinkSecret(random),
    read(text) {
      const secret = parseOneTimeSecret(text);
      return secret && { kind: secret.kind, digest: keyedDigest(pepper, secret.canonical) };
    },
  };
}
