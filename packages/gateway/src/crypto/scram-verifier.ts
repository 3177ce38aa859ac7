import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { Random } from '@steadygate/core';

const ROUNDS = 4096;
const KEY_BYTES = 32;

/**
 * What PostgreSQL keeps of a password (RFC 5802 §3, as in `pg_authid`): told so, the server never sees the password, and its log neither.
 */
export function scramVerifier(password: string, random: Random): string {
  const salt = Buffer.from(random.bytes(16));
  // RFC 4013 §2.2, as far as the generated passwords that the gate asks for need it.
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ROUNDS, KEY_BYTES, 'sha256');
  const mac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(mac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${stored}:${mac('Server Key').toString('base64')}`;
}
