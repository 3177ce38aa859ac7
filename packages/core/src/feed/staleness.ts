/** From then on an instance is unready, and takes no writes, keys and control actions. */
const READING_AFTER_MS = 5_000;
/** From then on its streams end, and it serves public routes only. */
const PUBLIC_AFTER_MS = 60_000;

/** What an instance may still do that has heard nothing of its state for a while (T11). */
export type Service = 'everything' | 'reading' | 'public';

/** What of a request decides whether it may be served late. */
export interface LateRequest {
  /** Nobody has to say who calls. */
  readonly isPublic: boolean;
  /** It is for the gate itself, not for an upstream. */
  readonly isOwn: boolean;
  /** GET or HEAD, and no upgrade. */
  readonly isRead: boolean;
  readonly credential: 'session' | 'key' | undefined;
}

/** What an instance serves after `staleMs` without proof that its state is the present one; least of all when nobody knows for how long. */
export function serviceAt(staleMs: number): Service {
  if (staleMs < READING_AFTER_MS) return 'everything';
  return staleMs < PUBLIC_AFTER_MS ? 'reading' : 'public';
}

/**
 * Whether a request may be served after `staleMs` without proof that the state is the present one (T11).
 *
 * Revocations do not arrive meanwhile: what is cached is good for a short while, and for reading with a session only. The gate's own paths
 * change state or tell of it, but for public reads such as health and keys.
 */
export function isServedLate({ isPublic, isOwn, isRead, credential }: LateRequest, staleMs: number): boolean {
  const service = serviceAt(staleMs);
  if (service === 'everything') return true;
  if (isPublic) return isRead || !isOwn;
  return service === 'reading' && isRead && !isOwn && credential !== 'key';
}

/** A moment by two clocks: one that may be set, one that may stand still while the machine sleeps. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: number;
}

/** How long ago something was proven: whichever clock says longer, so that setting one back makes nothing fresh. */
export function staleMsBetween(proven: Moment, now: Moment): number {
  return Math.max(0, now.nowMs - proven.nowMs, now.monotonicMs - proven.monotonicMs);
}
