import type { Database } from './database.ts';
import { EVERY_TENANT } from './reach.ts';

/** Sessions that are remembered between two flushes; beyond, activity is not noted and a session idles earlier. */
const PENDING_MAX = 100_000;

/** When sessions were last used: noted at once, written together. Lost with a crash: a session then idles earlier, never later. */
export interface LastSeen {
  touch(sessionId: string, nowMs: number): void;
  /** The later of what is stored and what is noted. */
  overlay(sessionId: string, storedMs: number): number;
  flush(): Promise<void>;
}

/** Notes in memory over the session table. */
export function lastSeen(database: Database): LastSeen {
  const pending = new Map<string, number>();
  return {
    touch(sessionId, nowMs) {
      const known = pending.get(sessionId);
      if (known === undefined && pending.size >= PENDING_MAX) return;
      pending.set(sessionId, Math.max(known ?? 0, nowMs));
    },
    overlay: (sessionId, storedMs) => Math.max(storedMs, pending.get(sessionId) ?? 0),
    async flush() {
      const batch = [...pending];
      if (batch.length === 0) return;
      await database.transaction(EVERY_TENANT, async ({ db }) => {
        for (const [id, atMs] of batch) {
          const stored = db.updateTable('session').set({ lastSeenAtMs: atMs }).where('id', '=', id);
          await stored.where('lastSeenAtMs', '<', atMs).execute();
        }
      });
      // What was noted meanwhile is newer than what was written, and stays for the next time.
      for (const [id, atMs] of batch) {
        if (pending.get(id) === atMs) pending.delete(id);
      }
    },
  };
}
