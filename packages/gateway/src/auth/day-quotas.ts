import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  dayOf,
  type DayQuotas,
  type QuotaCounter,
  type QuotaHolder,
  quotaSpent,
  type QuotaUse,
} from '@steadygate/core';

/** Counts that are kept at once; beyond, those that are written down are forgotten and read again. */
const COUNTS_MAX = 200_000;
/** Requests are answered between two writes. */
const WRITTEN_AT_ONCE = 500;

/** One day's requests of a service account, or of all keys of a tenant. */
export interface DayCount {
  readonly tenantId: string;
  /** Undefined: of all keys of the tenant. */
  readonly userId: string | undefined;
  /** The midnight (UTC) that began it. */
  readonly dayMs: number;
}

/** Keeps counts. Implemented over the store. */
export interface DayCounts {
  load(of: DayCount): Promise<number>;
  /** Adds, and gives each total: what other instances have added is in it. */
  add(counts: readonly (DayCount & { readonly count: number })[]): Promise<readonly number[]>;
}

interface Count extends DayCount {
  /** As the store has it. */
  saved: number;
  /** Not written yet. */
  waiting: number;
}

/**
 * Counts what keys ask within a day, in memory, and writes it down again and again.
 *
 * A process that is killed loses what it counted since the last write. Instances hear of each other's counts when they write
 * their own: together they may admit what they counted meanwhile beyond a quota.
 */
export class DayQuotaCounter implements QuotaCounter {
  readonly #counts = new Map<string, Count>();
  readonly #loading = new Map<string, Promise<Count>>();
  readonly #store: DayCounts;
  readonly #countsMax: number;

  constructor(store: DayCounts, countsMax = COUNTS_MAX) {
    this.#store = store;
    this.#countsMax = countsMax;
  }

  take(holder: QuotaHolder, quotas: DayQuotas, nowMs: number): QuotaUse | Promise<QuotaUse> {
    const { key, tenant } = placesOf(holder, nowMs);
    const [ofKey, ofTenant] = [this.#counts.get(nameOf(key)), this.#counts.get(nameOf(tenant))];
    if (ofKey !== undefined && ofTenant !== undefined) return granted(quotas, ofKey, ofTenant);
    return Promise.all([this.#found(key), this.#found(tenant)]).then(([one, all]) => granted(quotas, one, all));
  }

  /** What was asked today until now; counts nothing. */
  async used(holder: QuotaHolder, nowMs: number): Promise<{ readonly key: number; readonly tenant: number }> {
    const { key, tenant } = placesOf(holder, nowMs);
    const [one, all] = await Promise.all([this.#found(key), this.#found(tenant)]);
    return { key: usedOf(one), tenant: usedOf(all) };
  }

  /** Writes what was counted since the last time, and forgets days that are over. */
  async flush(nowMs: number): Promise<void> {
    const waiting = [...this.#counts.values()].filter((count) => count.waiting > 0);
    for (let at = 0; at < waiting.length; at += WRITTEN_AT_ONCE) {
      if (at > 0) await nextTurn();
      await this.#write(waiting.slice(at, at + WRITTEN_AT_ONCE));
    }
    this.#forget(dayOf(nowMs));
  }

  async #write(waiting: readonly Count[]): Promise<void> {
    const written = waiting.map(({ tenantId, userId, dayMs, waiting: count }) => ({ tenantId, userId, dayMs, count }));
    const totals = await this.#store.add(written);
    for (const [at, count] of waiting.entries()) {
      // What was counted while this was written still waits.
      count.waiting -= written[at]?.count ?? 0;
      count.saved = totals[at] ?? count.saved;
    }
  }

  #forget(dayMs: number): void {
    for (const [name, count] of this.#counts) {
      const isOver = count.dayMs < dayMs || this.#counts.size > this.#countsMax;
      if (isOver && count.waiting === 0) this.#counts.delete(name);
    }
  }

  /** Who asks many times at once costs one look-up (T24). */
  async #found(of: DayCount): Promise<Count> {
    const name = nameOf(of);
    const known = this.#counts.get(name);
    if (known !== undefined) return known;
    const loading = this.#loading.get(name) ?? this.#load(name, of);
    this.#loading.set(name, loading);
    return loading;
  }

  async #load(name: string, of: DayCount): Promise<Count> {
    try {
      const count = { ...of, saved: await this.#store.load(of), waiting: 0 };
      this.#counts.set(name, count);
      return count;
    } finally {
      this.#loading.delete(name);
    }
  }
}

function granted(quotas: DayQuotas, key: Count, tenant: Count): QuotaUse {
  const spent = quotaSpent(quotas, { key: usedOf(key), tenant: usedOf(tenant) });
  if (spent === undefined) {
    key.waiting += 1;
    tenant.waiting += 1;
  }
  return { spent, key: usedOf(key), tenant: usedOf(tenant) };
}

function usedOf({ saved, waiting }: Count): number {
  return saved + waiting;
}

function placesOf(
  { tenantId, userId }: QuotaHolder,
  nowMs: number,
): { readonly key: DayCount; readonly tenant: DayCount } {
  const dayMs = dayOf(nowMs);
  return { key: { tenantId, userId, dayMs }, tenant: { tenantId, userId: undefined, dayMs } };
}

function nameOf({ tenantId, userId, dayMs }: DayCount): string {
  return `${dayMs}|${tenantId}|${userId ?? ''}`;
}
