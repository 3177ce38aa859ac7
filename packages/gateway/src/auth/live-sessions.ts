import { BoundedMap } from './bounded-map.ts';
import { coalesce } from './coalesce.ts';

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
  readonly #load: (sessionId: string) => Promise<SessionFacts | undefined>;
  readonly #idleMs: () => number;

  constructor(options: LiveSessionsOptions) {
    this.#cached = new BoundedMap(options.sizeMax);
    this.#load = coalesce(options.load);
    this.#idleMs = options.idleMs;
  }

  /** The session if it is cached and alive. Counts as activity. */
  cached(sessionId: string, nowMs: number): LiveSession | undefined {
    const session = this.#cached.get(sessionId);
    if (session === undefined) return undefined;
    if (!this.#isAlive(session, nowMs)) return undefined;
    session.lastSeenAtMs = nowMs;
    return session;
  }

  /** The session if it is alive, from the store when need be. Counts as activity. */
  async find(sessionId: string, nowMs: number): Promise<LiveSession | undefined> {
    const cached = this.cached(sessionId, nowMs);
    if (cached !== undefined || this.#cached.get(sessionId) !== undefined) return cached;
    // A genuine token of a revoked session costs no lookup, however often it comes (T24).
    if (this.#revoked.has(sessionId)) return undefined;
    const facts = await this.#load(sessionId);
    return facts === undefined ? undefined : this.admit(facts, nowMs);
  }

  /** Takes in a session that the store just confirmed, if it is alive. */
  admit(facts: SessionFacts, nowMs: number): LiveSession | undefined {
    const present = this.#cached.get(facts.id);
    const session = present ?? { facts, lastSeenAtMs: facts.lastSeenAtMs };
    if (!this.#isAlive(session, nowMs)) return undefined;
    session.lastSeenAtMs = nowMs;
    if (present === undefined) this.#cached.set(facts.id, session);
    return session;
  }

  /** Ends a session here at once. */
  revoke(sessionId: string, nowMs: number): void {
    const untilMs = (this.#cached.get(sessionId)?.facts.expiresAtMs ?? nowMs) + 86_400_000;
    this.#revoked.set(sessionId, untilMs);
    this.#cached.delete(sessionId);
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

  #isAlive({ facts, lastSeenAtMs }: LiveSession, nowMs: number): boolean {
    if (this.#revoked.has(facts.id)) return false;
    return nowMs < facts.expiresAtMs && nowMs - lastSeenAtMs < this.#idleMs();
  }
}
