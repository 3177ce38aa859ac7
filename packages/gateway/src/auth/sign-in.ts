import {
  type BucketStore,
  type CanonicalRequest,
  type CredentialBudget,
  ProblemError,
  type RouteLimit,
  type SessionAudience,
  type Taken,
} from '@steadygate/core';
import type { Sessions } from '../store/sessions.ts';
import type { StartedSession } from '../store/session-lifecycle.ts';
import type { CsrfTokens } from './access-tokens.ts';

/** All addresses together may fail this often before short codes pause (T17). */
const SHORT_CODE_FAILURES: RouteLimit = {
  per: 'route',
  rate: { amount: 1000, perMs: 900_000 },
  text: '1000/15m',
  config: 'built in',
};

/** What somebody presents to begin a session. */
export interface Presentation {
  readonly secret: string;
  /** How a new user is called. */
  readonly name: string | undefined;
  /** The listener that the session is for (T1). */
  readonly audience: SessionAudience;
}

/** The moment of a sign-in. */
export interface Moment {
  readonly request: CanonicalRequest;
  readonly nowMs: number;
}

export interface SignInDeps {
  /** Sessions begin and go on for this listener only (T1). */
  readonly audience: SessionAudience;
  readonly sessions: Pick<Sessions, 'resolve' | 'rotate' | 'wasIssued'>;
  /** Burns one use of an invite or log-in link; undefined when it holds nothing, whatever the reason. */
  readonly redeem: (presented: Presentation, moment: Moment) => Promise<StartedSession | undefined>;
  /** Whether a secret is short enough to be guessed. */
  readonly isShortCode: (secret: string) => boolean;
  readonly buckets: BucketStore;
  /** Read at each use: a reload may change them. */
  readonly settings: () => SignInSettings;
  readonly csrf: CsrfTokens;
  readonly onReuse: (sessionId: string, moment: Moment) => void;
}

export interface SignInSettings {
  readonly credentials: CredentialBudget;
  readonly refresh: RouteLimit;
  readonly idleMs: number;
  readonly graceMs: number;
}

/** Begins and continues sessions. Every failure looks the same from outside and costs the address an attempt (SB7). */
export class SignIn {
  readonly #deps: SignInDeps;

  constructor(deps: SignInDeps) {
    this.#deps = deps;
  }

  /** @throws ProblemError `login-failed`, `rate-limited` */
  async login(secrets: Omit<Presentation, 'audience'>, moment: Moment): Promise<StartedSession> {
    const presented = { ...secrets, audience: this.#deps.audience };
    const started = await this.#attempt(moment, async () => {
      const found = await this.#redeemed(presented, moment);
      return found === undefined ? 'failed' : found;
    });
    if (started !== 'failed') return started;
    const detail = 'This invite is not valid, was used up, or has expired.';
    throw new ProblemError('login-failed', { detail }, { violation: 'credential' });
  }

  /**
   * Rotates a refresh token (T19). `csrfToken` is undefined for tokens that came in a body.
   *
   * @throws ProblemError `credential-required`, `csrf-refused`, `rate-limited`
   */
  async refresh(token: string, csrfToken: string | null | undefined, moment: Moment): Promise<StartedSession> {
    const rotated = await this.#attempt(moment, async () => {
      const rotation = await this.#rotated(token, csrfToken, moment);
      if (rotation !== undefined) return rotation;
      // Genuine and over: nobody guessed, so it costs no attempt, and is refused all the same.
      if (await this.#deps.sessions.wasIssued(token)) throw new ProblemError('credential-required');
      return 'failed';
    });
    if (rotated === 'failed') throw new ProblemError('credential-required', {}, { violation: 'credential' });
    return rotated;
  }

  /** The address pays before anything is judged (T24), and is paid back for whatever was no failed guess. */
  async #attempt<T>({ nowMs, request }: Moment, judge: () => Promise<T | 'failed'>): Promise<T | 'failed'> {
    const { credentials } = this.#deps.settings();
    hitUnlessGranted(await credentials.take(request.clientAddress, nowMs), 'credentials', credentials.limit);
    let outcome: T | 'failed' | undefined;
    try {
      outcome = await judge();
      return outcome;
    } finally {
      if (outcome !== 'failed') await credentials.giveBack(request.clientAddress, nowMs);
    }
  }

  /** Short codes also pay to the budget of all addresses (T17). */
  async #redeemed(presented: Presentation, moment: Moment): Promise<StartedSession | undefined> {
    if (!this.#deps.isShortCode(presented.secret)) return this.#deps.redeem(presented, moment);
    await this.#takeShared(moment.nowMs);
    const started = await this.#deps.redeem(presented, moment);
    if (started === undefined) return undefined;
    await this.#deps.buckets.giveBack('credentials-shared', SHORT_CODE_FAILURES.rate, moment.nowMs);
    return started;
  }

  async #rotated(
    token: string,
    csrfToken: string | null | undefined,
    moment: Moment,
  ): Promise<StartedSession | undefined> {
    const { nowMs, request } = moment;
    const { idleMs, graceMs } = this.#deps.settings();
    const at = { nowMs, idleMs, graceMs, audience: this.#deps.audience, requestId: request.id };
    const known = await this.#deps.sessions.resolve(token, at);
    // A token that is unknown or spent has no session to ask: rotation refuses it, and ends the family of a spent one.
    if (known !== undefined) await this.#judgeKnown(known.id, csrfToken, nowMs);
    const rotation = await this.#deps.sessions.rotate(token, at);
    if (rotation.kind === 'reused') this.#deps.onReuse(rotation.session.id, moment);
    if (rotation.kind === 'reused' || rotation.kind === 'refused') return undefined;
    return { session: rotation.session, refreshToken: rotation.refreshToken };
  }

  /** Refresh and log-out are metered per session family. @throws ProblemError `rate-limited` */
  async meterFamily(sessionId: string, nowMs: number): Promise<void> {
    const { refresh } = this.#deps.settings();
    hitUnlessGranted(await this.#deps.buckets.take(`refresh|${sessionId}`, refresh.rate, nowMs), 'refresh', refresh);
  }

  async #judgeKnown(sessionId: string, csrfToken: string | null | undefined, nowMs: number): Promise<void> {
    if (csrfToken !== undefined && !this.#deps.csrf.holds(sessionId, csrfToken ?? '')) {
      throw new ProblemError('csrf-refused', { detail: "Send the session's token in X-CSRF-Token." });
    }
    await this.meterFamily(sessionId, nowMs);
  }

  async #takeShared(nowMs: number): Promise<void> {
    const taken = await this.#deps.buckets.take('credentials-shared', SHORT_CODE_FAILURES.rate, nowMs);
    hitUnlessGranted(taken, 'credentials-shared', SHORT_CODE_FAILURES);
  }
}

function hitUnlessGranted(taken: Taken, name: string, limit: RouteLimit): void {
  if (taken.waitMs === 0) return;
  const retryAfterSeconds = Math.ceil(taken.waitMs / 1000);
  throw new ProblemError('rate-limited', {
    detail: `Too many attempts. Try again in ${retryAfterSeconds} seconds.`,
    retryAfterSeconds,
    limit: { name, rate: limit.text },
  });
}
