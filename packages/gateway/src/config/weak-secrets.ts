const TYPICAL =
  /change.?(me|this|it)|please.?change|replace.?(me|this)|default|example|placeholder|your.?(api|secret|key|token|password)|^(test|secret|password|passw0rd|admin|letmein|qwerty|topsecret|supersecret|s3cr3t|my.?secret|hunter2|dev)[-_0-9!]*$|^(test|dev|demo|insecure|dummy|sample)[-_]|in.production/i;

const DEFAULT_INVITE = /^SB-[A-Z0-9]+-(CHANGEME|DEFAULT|EXAMPLE|(.)\2{5,}|01234567|12345678|ABCDEFGH|PASSWORD)$/i;

/** Why a value is no secret; undefined when nothing speaks against it. Never says what the value is. */
export function secretWeakness(value: string): string | undefined {
  if (DEFAULT_INVITE.test(value)) return 'is an invite code that everybody knows';
  if (TYPICAL.test(value)) return 'is a default or a placeholder';
  if (value.length < 16) return 'is shorter than 16 characters';
  if (entropyBits(value) < 48) return 'is too regular to be random';
  return undefined;
}

/** Shannon's estimate over the value's characters, in bits; runs and sequences count as one step. */
export function entropyBits(value: string): number {
  const counts = new Map<string, number>();
  let steps = 0;
  for (let at = 0; at < value.length; at += 1) {
    // "aaaa", "1234" and "abcd" say little: what follows from the character before does not count.
    const delta = at === 0 ? Number.NaN : value.charCodeAt(at) - value.charCodeAt(at - 1);
    if (Math.abs(delta) <= 1) continue;
    const character = value.charAt(at);
    counts.set(character, (counts.get(character) ?? 0) + 1);
    steps += 1;
  }
  let bits = 0;
  for (const count of counts.values()) bits -= count * Math.log2(count / steps);
  return bits;
}
