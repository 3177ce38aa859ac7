/** When somebody's requests are a burst. */
export interface BurstSettings {
  readonly windowMs: number;
  /** How many times as many as the caller's usual ones. */
  readonly factor: number;
  /** So many within a window are never a burst against the caller's own habit. */
  readonly atLeast: number;
  /** More within a window are one whatever is usual; undefined: no such limit. */
  readonly max: number | undefined;
  /** Windows with requests until a habit is one. Absent: 30. */
  readonly warmUp?: number;
}

/** A window with more requests than it should have. */
export interface Burst {
  readonly rule: 'own habit' | 'absolute limit';
  readonly limit: number;
  /** Requests in a usual window of this caller. */
  readonly usual: number;
  /** True for the request that went over the limit. */
  readonly isFirst: boolean;
  /** Until the window ends. */
  readonly waitMs: number;
}

/** Callers whose habits are known at once, about 200 bytes each. */
const CALLERS_MAX = 50_000;
/** Five minutes of activity with windows of ten seconds. */
const WARM_UP = 30;
/** How much a window moves the habit. */
const WEIGHT = 0.1;

interface Habit {
  windowEndMs: number;
  count: number;
  usual: number;
  windows: number;
}

/**
 * Learns how many requests each caller makes in a window in which it makes any, and tells windows that stand out.
 *
 * In this process only, at the cost of one look into a map. A burst moves the habit by its limit at most, so nobody
 * makes it usual in one go. The callers least recently seen are forgotten first.
 */
export class BurstMeter {
  readonly #habits = new Map<string, Habit>();
  readonly #callersMax: number;

  constructor(callersMax: number = CALLERS_MAX) {
    this.#callersMax = callersMax;
  }

  get size(): number {
    return this.#habits.size;
  }

  /** Counts one request of a caller. */
  note(caller: string, nowMs: number, settings: BurstSettings): Burst | undefined {
    const habit = this.#habits.get(caller) ?? this.#begun(caller);
    if (nowMs >= habit.windowEndMs) this.#nextWindow(caller, habit, { nowMs, settings });
    habit.count += 1;
    return burstIn(habit, nowMs, settings);
  }

  #begun(caller: string): Habit {
    if (this.#habits.size >= this.#callersMax) {
      const oldest = this.#habits.keys().next();
      if (oldest.done !== true) this.#habits.delete(oldest.value);
    }
    const habit = { windowEndMs: 0, count: 0, usual: 0, windows: 0 };
    this.#habits.set(caller, habit);
    return habit;
  }

  /** Once per window and caller, so that it stays cheap to keep the order of last use. */
  #nextWindow(caller: string, habit: Habit, at: { readonly nowMs: number; readonly settings: BurstSettings }): void {
    learn(habit, at.settings);
    habit.count = 0;
    habit.windowEndMs = at.nowMs + at.settings.windowMs;
    this.#habits.delete(caller);
    this.#habits.set(caller, habit);
  }
}

function learn(habit: Habit, settings: BurstSettings): void {
  if (habit.count === 0) return;
  const counted = Math.min(habit.count, ownLimit(habit, settings));
  habit.usual = habit.windows === 0 ? counted : habit.usual + WEIGHT * (counted - habit.usual);
  habit.windows += 1;
}

function ownLimit({ windows, usual }: Habit, { factor, atLeast, warmUp = WARM_UP }: BurstSettings): number {
  return windows < warmUp ? Infinity : Math.max(atLeast, Math.floor(factor * usual));
}

function burstIn(habit: Habit, nowMs: number, settings: BurstSettings): Burst | undefined {
  const own = ownLimit(habit, settings);
  const limit = Math.min(own, settings.max ?? Infinity);
  if (habit.count <= limit) return undefined;
  return {
    rule: limit === own ? 'own habit' : 'absolute limit',
    limit,
    usual: Math.round(habit.usual * 10) / 10,
    isFirst: habit.count === limit + 1,
    waitMs: habit.windowEndMs - nowMs,
  };
}
