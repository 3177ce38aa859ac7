import type { KyselyPlugin, QueryId } from 'kysely';
import type { Database } from './database.ts';

/** Hears how long one query (`read`), or one change from its queueing until it was durable (`change`), took. */
export type OnOperation = (operation: 'read' | 'change', ms: number) => void;

/** A database that tells how long its operations took; failed ones are not told of. */
export function timedDatabase(database: Database, monotonicMs: () => number, onOperation: OnOperation): Database {
  const plugin = timing(monotonicMs, (ms) => onOperation('read', ms));
  return {
    isShared: database.isShared,
    reader: (reach) => database.reader(reach).withPlugin(plugin),
    async transaction(reach, work) {
      const startedMs = monotonicMs();
      const result = await database.transaction(reach, work);
      onOperation('change', monotonicMs() - startedMs);
      return result;
    },
    exclusive: (work) => database.exclusive(work),
    // Its beat would drown what requests read.
    feedReader: database.feedReader,
    aside: (work) => database.aside(work),
    announce: (tx) => database.announce(tx),
    onAnnounced: (listener) => database.onAnnounced(listener),
    guardTables: () => database.guardTables(),
    failure: () => database.failure(),
    facts: () => database.facts(),
    scrub: () => database.scrub(),
    close: () => database.close(),
  };
}

function timing(monotonicMs: () => number, onRead: (ms: number) => void): KyselyPlugin {
  const started = new WeakMap<QueryId, number>();
  return {
    transformQuery({ node, queryId }) {
      started.set(queryId, monotonicMs());
      return node;
    },
    async transformResult({ result, queryId }) {
      const startedMs = started.get(queryId);
      if (startedMs !== undefined) onRead(monotonicMs() - startedMs);
      return result;
    },
  };
}
