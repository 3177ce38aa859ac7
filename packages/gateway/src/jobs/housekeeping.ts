import type { LiveSessions } from '../auth/live-sessions.ts';
import type { DecisionFile } from '../decisions/decision-file.ts';
import type { Denials } from '../store/denials.ts';
import type { Recording } from '../replay/recording.ts';
import type { Sessions } from '../store/sessions.ts';

const DECISIONS_MS = 250;
const RECORDING_MS = 1_000;
const SESSIONS_MS = 15_000;
/** So much of what a quota counted may be lost by `kill -9`, and be admitted beyond it by several instances. */
const QUOTAS_MS = 5_000;
const PRUNE_MS = 600_000;
const REMIND_MS = 600_000;
const DAY_MS = 86_400_000;

export interface HousekeepingDeps {
  readonly nowMs: () => number;
  readonly decisions: DecisionFile;
  readonly recording: Recording;
  readonly denials: Denials;
  readonly sessions: Sessions;
  /** Forgets state events that nobody needs any more. */
  readonly pruneEvents: (nowMs: number) => Promise<void>;
  readonly keys: KeyJobs;
  /** Forgets blocks that are over. */
  readonly blocks: { prune(nowMs: number): Promise<void> };
  /** Looks whether other instances decide as this one does. */
  readonly lookAround: () => Promise<void>;
  /** Of every listener. */
  readonly live: readonly LiveSessions[];
  readonly idleMs: () => number;
  /** Hears of a job that failed, once until it succeeds again: it runs again at its next time. */
  readonly onError: (job: string, cause: unknown) => void;
}

/** What is to be done for API keys, again and again. */
export interface KeyJobs {
  /** Writes when and how often they were used. */
  flush(): Promise<void>;
  /** Writes what was counted against the quotas of the day. */
  flushQuotas(nowMs: number): Promise<void>;
  /** Forgets old counts. */
  prune(nowMs: number): Promise<void>;
  /** Says of each old key once that it should be rotated. */
  remind(nowMs: number): Promise<void>;
}

/** Recurring work: what waits is written, what is over ends. Each job runs once at a time. */
export class Housekeeping {
  readonly #deps: HousekeepingDeps;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #running = new Map<string, Promise<void>>();
  readonly #failing = new Set<string>();
  #seenAtMs: number;

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps;
    this.#seenAtMs = deps.nowMs();
    this.#timers = [
      this.#every(DECISIONS_MS, 'decisions', () => deps.decisions.flush()),
      this.#every(RECORDING_MS, 'recording', () => deps.recording.flush()),
      this.#every(SESSIONS_MS, 'sessions', () => this.#sessions()),
      this.#every(SESSIONS_MS, 'denials', async () => void (await deps.denials.flush(deps.nowMs()))),
      this.#every(SESSIONS_MS, 'key usage', () => deps.keys.flush()),
      this.#every(SESSIONS_MS, 'neighbours', () => deps.lookAround()),
      this.#every(QUOTAS_MS, 'key quotas', () => deps.keys.flushQuotas(deps.nowMs())),
      this.#every(REMIND_MS, 'key reminders', () => deps.keys.remind(deps.nowMs())),
      this.#every(PRUNE_MS, 'prune', () => this.#prune()),
    ];
  }

  /** Runs no more, and writes what still waits. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running.values());
    await this.#tried('decisions', () => this.#deps.decisions.flush());
    await this.#tried('recording', () => this.#deps.recording.flush());
    await this.#tried('key quotas', () => this.#deps.keys.flushQuotas(this.#deps.nowMs()));
    this.#noteActivity();
  }

  #every(periodMs: number, job: string, run: () => Promise<void>): NodeJS.Timeout {
    const once = (): void => {
      if (this.#running.has(job)) return;
      const running = this.#tried(job, run).finally(() => this.#running.delete(job));
      this.#running.set(job, running);
    };
    return setInterval(once, periodMs).unref();
  }

  async #prune(): Promise<void> {
    const nowMs = this.#deps.nowMs();
    await this.#deps.pruneEvents(nowMs);
    await this.#deps.decisions.prune(nowMs);
    await this.#deps.recording.prune(nowMs);
    await this.#deps.keys.prune(nowMs);
    await this.#deps.blocks.prune(nowMs);
  }

  /** A full disk fails a job four times a second: its log must not fill what is left. */
  async #tried(job: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.#failing.delete(job);
    } catch (cause) {
      if (!this.#failing.has(job)) this.#deps.onError(job, cause);
      this.#failing.add(job);
    }
  }

  /** Activity is written before idle sessions are looked for: a session in use must not end as idle. */
  async #sessions(): Promise<void> {
    const { sessions, live, nowMs, idleMs } = this.#deps;
    this.#noteActivity();
    await sessions.flushTouches();
    const now = nowMs();
    await sessions.expire({ nowMs: now, idleMs: idleMs(), forgetBeforeMs: now - DAY_MS });
    for (const one of live) one.sweep(now);
  }

  #noteActivity(): void {
    const { sessions, live, nowMs } = this.#deps;
    const sinceMs = this.#seenAtMs;
    this.#seenAtMs = nowMs();
    for (const one of live) {
      for (const { id, lastSeenAtMs } of one.activeSince(sinceMs)) sessions.touch(id, lastSeenAtMs);
    }
  }
}
