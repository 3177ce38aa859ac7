import type { Digest } from './crypto-port.ts';
import { SYSTEM_TENANT } from './actor.ts';
import { change, record, type Trace, type Writing } from './change.ts';
import type { StoreContext } from './context.ts';
import { EVERY_TENANT } from './reach.ts';

const MINUTE_MS = 60_000;

/** Different (guard, route, source, minute) that wait for a flush; what comes beyond is only counted. */
const WAITING_MAX = 512;

/** One refused request. */
export interface Denial {
  readonly guard: string;
  readonly code: string;
  /** The route's place in the configuration. */
  readonly route: string | undefined;
  readonly tenantId: string | undefined;
  /** The user, once verified. */
  readonly userId: string | undefined;
  /** Counted under a pseudonym, never written. */
  readonly clientAddress: string;
  readonly atMs: number;
}

/** Counts denials instead of logging each: a flood of refusals cannot fill the disk (T12). */
export interface Denials {
  record(denial: Denial): void;
  /** Writes the minutes that are over, or all with `everything`; what cannot be written waits. Returns how many entries. */
  flush(nowMs: number, everything?: boolean): Promise<number>;
  /** How many were counted without their details since the start, because too many different ones waited. */
  overflowed(): number;
}

/** What the queue needs besides the store. */
export interface DenialDeps {
  readonly ctx: StoreContext;
  /** A pseudonym of an address that dies with the process: the log never holds addresses (T22). */
  readonly pseudonym: (address: string) => Digest;
}

interface Count {
  readonly facts: Readonly<Record<string, string | number | null>>;
  readonly tenantId: string;
  readonly minuteMs: number;
  readonly count: number;
}

/** A bounded queue of counted denials. */
export function denials({ ctx, pseudonym }: DenialDeps): Denials {
  const waiting = new Map<string, Count>();
  let overflow = 0;
  let overflowed = 0;
  const add = (key: string, found: Count): void => {
    const known = waiting.get(key);
    if (known === undefined && waiting.size >= WAITING_MAX) {
      overflow += found.count;
      overflowed += found.count;
    } else waiting.set(key, { ...found, count: found.count + (known?.count ?? 0) });
  };
  return {
    record(denial) {
      const found = toCount(denial, pseudonym);
      add(JSON.stringify([found.tenantId, found.minuteMs, found.facts]), found);
    },
    async flush(nowMs, everything = false) {
      const due = [...waiting].filter(([, { minuteMs }]) => everything || minuteMs + MINUTE_MS <= nowMs);
      const lost = overflow;
      if (due.length === 0 && lost === 0) return 0;
      overflow = 0;
      for (const [key] of due) waiting.delete(key);
      try {
        await change(ctx, EVERY_TENANT, (writing) =>
          write(writing, { due: due.map(([, count]) => count), lost, nowMs }),
        );
      } catch (cause) {
        overflow += lost;
        for (const [key, count] of due) add(key, count);
        throw cause;
      }
      return due.length + (lost > 0 ? 1 : 0);
    },
    overflowed: () => overflowed,
  };
}

function toCount(denial: Denial, pseudonym: DenialDeps['pseudonym']): Count {
  const { guard, code, route, tenantId, userId, clientAddress, atMs } = denial;
  const source = userId === undefined ? `address:${pseudonym(clientAddress)}` : `user:${userId}`;
  return {
    facts: { guard, code, route: route ?? null, source },
    tenantId: tenantId ?? SYSTEM_TENANT,
    minuteMs: Math.floor(atMs / MINUTE_MS) * MINUTE_MS,
    count: 1,
  };
}

async function write(
  writing: Writing,
  { due, lost, nowMs }: { due: readonly Count[]; lost: number; nowMs: number },
): Promise<void> {
  const trace: Trace = { actor: 'system:gate', tenantId: SYSTEM_TENANT, nowMs };
  for (const { facts, tenantId, minuteMs, count } of due) {
    const what = { action: 'denials.counted', subject: String(facts['guard']), facts: { ...facts, minuteMs, count } };
    await record(writing, { ...trace, tenantId }, what);
  }
  if (lost > 0)
    await record(writing, trace, { action: 'denials.overflowed', subject: 'denials', facts: { count: lost } });
}
