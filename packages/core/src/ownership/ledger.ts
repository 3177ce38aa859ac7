import type { ObjectName } from './owners.ts';

/**
 * What must be durable before an answer leaves: the only thing a forwarded request may write.
 *
 * Every method resolves after the commit and rejects when the store is lost; the caller then answers 503 (T4).
 */
export interface Ledger {
  /**
   * Claims an object for its creator, insert-if-absent. `conflict`: somebody owns it, or did (a tombstone), and the
   * owner stays (T5). Claiming one's own live object again is `claimed`.
   */
  claim(object: ObjectName, ownerId: string, nowMs: number): Promise<'claimed' | 'conflict'>;
  /** Marks a deleted object: its id cannot be claimed again (T5). */
  release(object: ObjectName, ownerId: string, nowMs: number): Promise<void>;
  /** Records an object that exists upstream and whose claim failed: nobody reaches it until an operator assigns it. */
  orphan(object: ObjectName, reason: string, nowMs: number): Promise<void>;
}
