import { BoundedMap, type CacheUse } from './bounded-map.ts';
import { SharedReads } from './shared-reads.ts';

/** A session as the store holds it. */
export interface SessionFacts {
  readonly id: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly role: string;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  /** The absolute end. */
  readonly expiresAtMs: number;
}

/** A cached session: its facts, and when it was last active here. */
export interface LiveSession {
  readonly facts: SessionFacts;
  lastSeenAtMs: number;
  /** Until then its facts are known to hold; afterwards the store is to be asked again (T11). */
  confirmedIn: number;
}

export interface LiveSessionsOptions {
  /** Read at each use: a reload may change it. */
  readonly idleMs: () => number;
  readonly sizeMax: number;
  /** The session in the store, unless it is revoked, ended or unknown. */
  readonly load: (sessionId: string) => Promise<SessionFacts | undefined>;
}

/**
 * The cache of live sessions, checked on every use: absolute end, idle limit, revocation (SB2, AU8).
 *
 * A revocation that arrives while a lookup runs wins: revoked ids are remembered until their session would have ended.
 */
export class LiveSessions {
  readonly #cached: BoundedMap<string, LiveSession>;
  readonly #revoked = new Map<string, number>();
  readonly #reads: SharedReads<SessionFacts | undefined>;
  readonly #idleMs: () => number;
  /** How many times everything was forgotten. */
  #epoch = 0;

  constructor(options: LiveSessionsOptions) {
    this.#cached = new BoundedMap(options.sizeMax);
    this.#reads = new SharedReads(options.load);
    this.#idleMs = options.idleMs;
  }

  get cache(): CacheUse {
    return this.#cached;
  }

  /** The session if it is cached and alive. Counts as activity. */
  cached(sessionId: string, nowMs: number): LiveSession | undefined {
    const session = this.#cached.get(sessionId);
    if (session === undefined || session.confirmedIn !== this.#epoch) return undefined;
    if (!this.#isAlive(session, nowMs)) return undefined;
    session.lastSeenAtMs = nowMs;
    return session;
  }

  /** The session if it is alive, from the store when need be. Counts as activity. */
  async find(sessionId: string, nowMs: number): Promise<LiveSession | undefined> {
    const cached = this.cached(sessionId, nowMs);
    if (cached !== undefined || this.#isOver(sessionId, nowMs)) return cached;
    return this.#reads.read(sessionId, (facts) => (facts === undefined ? undefined : this.admit(facts, nowMs)));
  }

  /** Takes in a session that the store just confirmed, if it is alive. */
  admit(facts: SessionFacts, nowMs: number): LiveSession | undefined {
    const present = this.#cached.peek(facts.id);
    const session = present ?? { facts, lastSeenAtMs: facts.lastSeenAtMs, confirmedIn: this.#epoch };
    // It may have been in use on another instance.
    session.lastSeenAtMs = Math.max(session.lastSeenAtMs, facts.lastSeenAtMs);
    if (!this.#isAlive(session, nowMs)) return undefined;
    session.lastSeenAtMs = nowMs;
    session.confirmedIn = this.#epoch;
    if (present === undefined) this.#cached.set(facts.id, session);
    return session;
  }

  /** Ends a session here at once. */
  revoke(sessionId: string, nowMs: number): void {
    const untilMs = (this.#cached.peek(sessionId)?.facts.expiresAtMs ?? nowMs) + 86_400_000;
    this.#revoked.set(sessionId, untilMs);
    this.#cached.delete(sessionId);
  }

  /** Nobody knows what happened meanwhile: each session is asked for again. When it was last active stays known (T11). */
  forgetAll(): void {
    this.#epoch += 1;
    this.#reads.changed();
  }

  /** Sessions active since `sinceMs`: their last use is to be written down. */
  *activeSince(sinceMs: number): Iterable<{ readonly id: string; readonly lastSeenAtMs: number }> {
    for (const { facts, lastSeenAtMs } of this.#cached.values()) {
      if (lastSeenAtMs > sinceMs) yield { id: facts.id, lastSeenAtMs };
    }
  }

  /** Forgets revocations of sessions that are over anyway. */
  sweep(nowMs: number): void {
    for (const [id, untilMs] of this.#revoked) if (untilMs <= nowMs) this.#revoked.delete(id);
  }

  /** A genuine token of a session that is over costs no lookup, however often it comes (T24). */
  #isOver(sessionId: string, nowMs: number): boolean {
    if (this.#revoked.has(sessionId)) return true;
    const session = this.#cached.peek(sessionId);
    return session !== undefined && nowMs >= session.facts.expiresAtMs;
  }

  #isAlive({ facts, lastSeenAtMs }: LiveSession, nowMs: number): boolean {
    if (this.#revoked.has(facts.id)) return false;
    return nowMs < facts.expiresAtMs && nowMs - lastSeenAtMs < this.#idleMs();
  }
}
