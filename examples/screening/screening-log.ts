import type { Screening, Verdict } from './screen-text.ts';

/** One screened text, without the text. */
export type Entry = {
  readonly id: string;
  readonly atMs: number;
  readonly score: number;
  readonly verdict: Verdict;
  readonly rules: readonly string[];
  readonly characters: number;
};

export type Stats = {
  readonly screened: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  readonly meanScore: number;
};

/** The oldest entries of a tenant go first. */
const ENTRIES_MAX = 10_000;

/** What was screened, for each tenant by itself, in memory. Texts are not kept: what is not there cannot leak. */
export class ScreeningLog {
  readonly #entries = new Map<string, Entry[]>();

  add(tenant: string, entry: Entry): void {
    const entries = this.#entries.get(tenant) ?? [];
    this.#entries.set(tenant, entries);
    entries.push(entry);
    if (entries.length > ENTRIES_MAX) entries.shift();
  }

  /** A page of a tenant's entries, the newest first, and where the next one begins. */
  list(
    tenant: string,
    page: { readonly from: number; readonly limit: number },
  ): { items: readonly Entry[]; next: number | null } {
    const newestFirst = (this.#entries.get(tenant) ?? []).toReversed();
    const end = page.from + page.limit;
    return { items: newestFirst.slice(page.from, end), next: end < newestFirst.length ? end : null };
  }

  stats(tenant: string): Stats {
    const entries = this.#entries.get(tenant) ?? [];
    const count = (verdict: Verdict): number => entries.filter((entry) => entry.verdict === verdict).length;
    const sum = entries.reduce((total, { score }) => total + score, 0);
    return {
      screened: entries.length,
      verdicts: { accept: count('accept'), review: count('review'), reject: count('reject') },
      meanScore: entries.length === 0 ? 0 : Math.round(sum / entries.length),
    };
  }
}

/** What is kept of a screening. */
export function entryOf(
  text: string,
  screening: Screening,
  facts: { readonly id: string; readonly atMs: number },
): Entry {
  const { score, verdict, reasons } = screening;
  return { ...facts, score, verdict, rules: reasons.map(({ rule }) => rule), characters: Array.from(text).length };
}
