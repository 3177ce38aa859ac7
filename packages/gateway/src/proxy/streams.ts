import type { ObjectName, Operation, Principal } from '@steadygate/core';
import type { Generation } from './generation.ts';

/** Why the gate ends a stream or socket. */
export type StreamEnd = 'session-ended' | 'blocked' | 'route-changed' | 'stale' | 'drain';

/** An open event stream, unfinished answer or socket. */
export interface OpenStream {
  readonly kind: 'socket' | 'stream' | 'answer';
  readonly principal: Principal | undefined;
  /** Whose streams these are: the objects that its path names. */
  objects(): Operation['pathIds'];
  /** The generation that admitted it: one that a reload has replaced meanwhile is judged again. */
  readonly generation: Generation;
  /** Whether a new generation still lets it be; from then on it follows that generation's rules. */
  reauthorise(generation: Generation): boolean | Promise<boolean>;
  close(end: StreamEnd): void;
}

/** Ended sessions and users are remembered this long: no admission takes longer to become a stream. */
const REMEMBER_MS = 10 * 60_000;
const SWEEP_MS = 250;

/** What the registry goes by. */
export interface StreamsDeps {
  readonly nowMs: () => number;
  readonly current: () => Generation;
  /** When the session or key behind a stream ends by the store; `Infinity`: not of itself, 0: it has ended. */
  readonly credentialEndMs: (principal: Principal) => Promise<number>;
  /** Whether a caller has been blocked meanwhile (WK3). */
  readonly isBlocked?: (principal: Principal) => boolean;
}

/** Knows every open stream, so that none outlives what admitted it. */
export class Streams {
  readonly #open = new Set<OpenStream>();
  readonly #bySession = new Map<string, Set<OpenStream>>();
  readonly #endedSessions = new Map<string, number>();
  readonly #endings = new Map<string, number>();
  /** Since then nobody knows what ended before. */
  #revalidatedAtMs = Number.NEGATIVE_INFINITY;
  readonly #deps: StreamsDeps;
  readonly #timer: NodeJS.Timeout;

  constructor(deps: StreamsDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => this.sweep(deps.nowMs()), SWEEP_MS);
    this.#timer.unref();
  }

  /** Open sockets and streams, for metrics. */
  counts(): { readonly sockets: number; readonly streams: number } {
    const counts = { socket: 0, stream: 0, answer: 0 };
    for (const { kind } of this.#open) counts[kind] += 1;
    return { sockets: counts.socket, streams: counts.stream };
  }

  /** Registers a stream until the returned function is called. One whose session has ended meanwhile is closed at once. */
  add(stream: OpenStream): () => void {
    this.#open.add(stream);
    const sessionId = stream.principal?.credential.id;
    if (sessionId !== undefined) {
      const siblings = this.#bySession.get(sessionId) ?? new Set();
      this.#bySession.set(sessionId, siblings.add(stream));
    }
    const generation = this.#deps.current();
    if (this.#hasEnded(stream)) stream.close('session-ended');
    else if (this.#isBlocked(stream)) stream.close('blocked');
    else if (this.#deps.nowMs() - this.#revalidatedAtMs < REMEMBER_MS) void this.#revalidated(stream);
    else if (generation !== stream.generation) void recheck(stream, generation);
    return () => this.#remove(stream);
  }

  /** Ends what a session opened: revoked, logged out, idle for too long. */
  closeSession(sessionId: string): void {
    this.#endedSessions.set(sessionId, this.#deps.nowMs());
    for (const stream of this.#bySession.get(sessionId) ?? []) stream.close('session-ended');
  }

  /** Ends what some callers hold open; they may open others once they are let in again. */
  closeOf(isMeant: (principal: Principal) => boolean, end: StreamEnd): void {
    for (const stream of this.#open) {
      if (stream.principal !== undefined && isMeant(stream.principal)) stream.close(end);
    }
  }

  /** The same at a later time: a rotated key goes on until its overlap is over. */
  closeSessionAt(sessionId: string, atMs: number): void {
    this.#endings.set(sessionId, atMs);
  }

  /** After a reload: every stream is judged by the new generation; those still allowed go on undisturbed (T11). */
  async reauthorise(generation: Generation): Promise<void> {
    await Promise.all([...this.#open].map((stream) => recheck(stream, generation)));
  }

  /**
   * Nobody knows what happened meanwhile: every session, key and owner behind a stream is asked for again (T11).
   *
   * @throws what the store throws: then streams are as they were
   */
  async revalidate(): Promise<void> {
    this.#revalidatedAtMs = this.#deps.nowMs();
    const principals = new Map<string, Principal>();
    for (const { principal } of this.#open)
      if (principal !== undefined) principals.set(principal.credential.id, principal);
    await Promise.all([...principals.values()].map((principal) => this.#endAsStored(principal)));
    await this.reauthorise(this.#deps.current());
  }

  /** An object has another owner, or none: what streams of it is judged again, the rest goes on undisturbed (T10). */
  async ownerChanged(object: ObjectName): Promise<void> {
    const affected = [...this.#open].filter((stream) => streamsOf(stream, object));
    await Promise.all(affected.map((stream) => recheck(stream, this.#deps.current())));
  }

  /** Ends all; a drain lets answers that have an end come to it. */
  closeAll(end: StreamEnd): void {
    for (const stream of this.#open) if (end !== 'drain' || stream.kind !== 'answer') stream.close(end);
  }

  /** Ends what has expired by `nowMs`, and forgets old endings. */
  sweep(nowMs: number): void {
    for (const stream of this.#open) {
      if ((stream.principal?.credential.expiresAtMs ?? Number.POSITIVE_INFINITY) <= nowMs)
        stream.close('session-ended');
    }
    for (const [id, atMs] of this.#endings) {
      if (atMs > nowMs) continue;
      this.#endings.delete(id);
      this.closeSession(id);
    }
    forget(this.#endedSessions, nowMs - REMEMBER_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A stream whose admission may have begun before everything was forgotten. */
  async #revalidated(stream: OpenStream): Promise<void> {
    try {
      if (stream.principal !== undefined) await this.#endAsStored(stream.principal);
      await recheck(stream, this.#deps.current());
    } catch {
      // The store is lost: nothing is allowed by default (T11).
      stream.close('stale');
    }
  }

  async #endAsStored(principal: Principal): Promise<void> {
    const { id } = principal.credential;
    const endMs = await this.#deps.credentialEndMs(principal);
    if (endMs <= this.#deps.nowMs()) this.closeSession(id);
    else if (endMs < Number.POSITIVE_INFINITY) this.closeSessionAt(id, endMs);
  }

  #hasEnded({ principal }: OpenStream): boolean {
    return principal !== undefined && this.#endedSessions.has(principal.credential.id);
  }

  #isBlocked({ principal }: OpenStream): boolean {
    return principal !== undefined && this.#deps.isBlocked?.(principal) === true;
  }

  #remove(stream: OpenStream): void {
    this.#open.delete(stream);
    const sessionId = stream.principal?.credential.id;
    if (sessionId === undefined) return;
    const siblings = this.#bySession.get(sessionId);
    siblings?.delete(stream);
    if (siblings?.size === 0) this.#bySession.delete(sessionId);
  }
}

function streamsOf(stream: OpenStream, object: ObjectName): boolean {
  if (stream.principal?.tenantId !== object.tenantId) return false;
  return stream.objects().some(({ resource, objectId }) => {
    return objectId === object.objectId && resource.name === object.resource && resource.upstream === object.upstream;
  });
}

async function recheck(stream: OpenStream, generation: Generation): Promise<void> {
  try {
    if (await stream.reauthorise(generation)) return;
  } catch {
    // The store is lost: nothing is allowed by default (T11).
  }
  stream.close('route-changed');
}

/** Maps keep the order of insertion, so the oldest come first. */
function forget(endings: Map<string, number>, beforeMs: number): void {
  for (const [id, atMs] of endings) {
    if (atMs >= beforeMs) return;
    endings.delete(id);
  }
}
