import { callerKey } from '../limits/caller-key.ts';
import type { Principal } from '../principal.ts';

/** Who is blocked: a key or a user, in its tenant only, or what an address sends without a good credential (T13). */
export type BlockSubject =
  | { readonly kind: 'key'; readonly tenantId: string; readonly id: string }
  | { readonly kind: 'user'; readonly tenantId: string; readonly id: string }
  /** As limits count it: IPv4 whole, IPv6 by its /64. */
  | { readonly kind: 'address'; readonly address: string };

/** A block in force until it ends or is lifted. */
export interface Block {
  /** Random: what lifts it. */
  readonly id: string;
  readonly subject: BlockSubject;
  /** Epoch milliseconds. */
  readonly untilMs: number;
  /** Why, in plain words: the guard and rule of the last violation, or that somebody made it. */
  readonly cause: string;
}

/** What tells subjects apart: no text of one kind is that of another. */
export function subjectKey(subject: BlockSubject): string {
  if (subject.kind === 'address') return `address|${subject.address}`;
  return `${subject.kind}|${subject.tenantId}|${subject.id}`;
}

/** The address of unauthenticated traffic, as blocks name it. */
export function addressSubject(clientAddress: string): BlockSubject {
  return { kind: 'address', address: callerKey(clientAddress) };
}

/** Whom a violation of a verified caller counts against: the key by itself, so that its successor is not blocked; a person as a user. */
export function callerSubject({ tenantId, userId, credential }: Principal): BlockSubject {
  if (credential.kind === 'key') return { kind: 'key', tenantId, id: credential.id };
  return { kind: 'user', tenantId, id: userId };
}
