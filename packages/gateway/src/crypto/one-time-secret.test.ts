import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newInviteCode, newInviteLinkSecret, newLoginLinkSecret, parseOneTimeSecret } from './one-time-secret.ts';
import { systemRandom } from './random.ts';

const canonical = (text: string): string | undefined => parseOneTimeSecret(text)?.canonical;

describe('invite codes', () => {
  it('SB3: have eight characters that nobody confuses', () => {
    for (let draw = 0; draw < 200; draw += 1) {
      expect(newInviteCode('SB-ADMIN-', systemRandom)).toMatch(/^SB-ADMIN-[2-9A-HJKMNP-Z]{8}$/);
    }
  });

  it('draw every character equally often', () => {
    const every = { bytes: () => Uint8Array.from({ length: 256 }, (_, byte) => byte), id: () => '' };
    const counts = new Map<string, number>();
    for (const character of newInviteCode('', every, 248)) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(31);
    expect(new Set(counts.values())).toEqual(new Set([8]));
  });

  it.each([
    'sb-admin-7k3mxw9p',
    'SBADMIN7K3MXW9P',
    ' SB ADMIN 7K3M XW9P ',
    'SB–ADMIN—7K3M-XW9P',
    'SB-ADM1N-7K3MXW9P',
    'SB-ADMlN-7K3MXW9P',
  ])('are found however they are typed: %s', (typed) => {
    expect(canonical(typed)).toBe(canonical('SB-ADMIN-7K3MXW9P'));
  });

  it('keep different codes apart', () => {
    expect(canonical('SB-ADMIN-7K3MXW9P')).not.toBe(canonical('SB-ADMIN-7K3MXW9Q'));
    expect(canonical('SB-VIEW-7K3MXW9P')).not.toBe(canonical('SB-ADMIN-7K3MXW9P'));
  });

  it.each([
    '',
    '   ',
    '-----',
    'ABC',
    'SB-ADMIN-7K3MXW9Ｐ',
    'SB-ADMİN-7K3MXW9P',
    'x'.repeat(65),
    `sgi_${'A'.repeat(21)}B`,
    'a\u0000bcdefgh',
  ])('refuse what can be none: %j', (text) => {
    expect(parseOneTimeSecret(text)).toBeUndefined();
  });

  it('have one spelling that reads as itself, whatever was typed', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary', maxLength: 70 }), fc.stringMatching(/^[A-Za-z0-9 -]{6,40}$/)),
        (text) => {
          const folded = canonical(text);
          expect(folded === undefined ? undefined : canonical(folded)).toBe(folded);
        },
      ),
    );
  });
});

describe('links', () => {
  it('T17: carry 128 bits and are told from codes and from each other', () => {
    const invite = newInviteLinkSecret(systemRandom);
    const login = newLoginLinkSecret(systemRandom);
    expect(parseOneTimeSecret(invite)).toEqual({ kind: 'invite-link', canonical: invite });
    expect(parseOneTimeSecret(login)).toEqual({ kind: 'login-link', canonical: login });
    expect(Buffer.from(invite.slice(4), 'base64url')).toHaveLength(16);
    expect(parseOneTimeSecret(newInviteCode('SB-VIEW-', systemRandom))?.kind).toBe('code');
  });
});
