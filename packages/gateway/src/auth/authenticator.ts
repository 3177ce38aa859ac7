import {
  type Authentication,
  type Authenticator,
  type PermissionSet,
  permissionsOf,
  type PresentedSession,
} from '@steadygate/core';
import {
  type AccessFacts,
  type AccessTokens,
  type AccessVerdict,
  type CsrfTokens,
  UNKNOWN_KEY,
} from './access-tokens.ts';
import { BoundedMap, type CacheUse } from './bounded-map.ts';
import { type CookieStyle, tokenCookies } from './cookies.ts';
import type { LiveSession, LiveSessions, SessionFacts } from './live-sessions.ts';
import { mintAccess } from './mint-access.ts';
import { SharedReads } from './shared-reads.ts';

const TOKENS_CACHED_MAX = 200_000;
/** Refresh tokens that are over cost no second lookup for a while: the store may hear late of a session's last use. */
const SPENT_CACHED_MAX = 20_000;
const SPENT_CACHED_MS = 60_000;

export interface AuthenticatorDeps {
  readonly tokens: AccessTokens;
  /** Reads the signing keys again, once for all who ask meanwhile: another instance may have made one. */
  readonly reloadKeys: () => Promise<void>;
  readonly csrf: CsrfTokens;
  /** A one-way digest: tokens are not kept in memory. */
  readonly digest: (token: string) => string;
  readonly sessions: LiveSessions;
  /** The live session of a refresh token that holds: the present one, or its predecessor within the grace (T19). */
  readonly sessionOfRefresh: (token: string, nowMs: number) => Promise<SessionFacts | undefined>;
  /** Whether a refresh token was ever given out: asked of those that do not hold. */
  readonly wasIssued: (token: string) => Promise<boolean>;
  /** The grants of a role in the present configuration; undefined when it is gone. */
  readonly grantsOf: (role: string) => readonly string[] | undefined;
  readonly cookies: CookieStyle;
  readonly accessTokenLifeMs: () => number;
}

/** A session's part of core's `Authenticator`. */
export interface SessionVerifier extends Pick<Authenticator, 'isCsrfToken'> {
  cached(presented: PresentedSession, nowMs: number): Authentication | undefined;
  authenticate(presented: PresentedSession, nowMs: number): Authentication | Promise<Authentication>;
}

/**
 * Verifies session credentials over a cache of verified tokens and a cache of live sessions.
 *
 * For browsers it renews silently: when the access cookie is absent or expired (never when forged) and the refresh
 * cookie holds, it mints a new access cookie and rotates nothing.
 */
export class SessionAuthenticator implements SessionVerifier {
  readonly #deps: AuthenticatorDeps;
  readonly #verified = new BoundedMap<string, AccessFacts>(TOKENS_CACHED_MAX);
  readonly #spent = new BoundedMap<string, number>(SPENT_CACHED_MAX);
  readonly #permissions = new Map<string, PermissionSet>();
  readonly #byRefresh: SharedReads<SessionFacts | undefined, [nowMs: number]>;

  constructor(deps: AuthenticatorDeps) {
    this.#deps = deps;
    this.#byRefresh = new SharedReads(deps.sessionOfRefresh);
  }

  /** Of verified tokens. */
  get cache(): CacheUse {
    return this.#verified;
  }

  cached(presented: PresentedSession, nowMs: number): Authentication | undefined {
    const token = presented.kind === 'bearer' ? presented.token : presented.access;
    if (token === undefined) return undefined;
    const claims = this.#verified.get(this.#deps.digest(token));
    if (claims === undefined || claims.expiresAtMs <= nowMs) return undefined;
    const session = this.#deps.sessions.cached(claims.sessionId, nowMs);
    return session === undefined ? undefined : this.#identified(session, presented.kind, claims);
  }

  async authenticate(presented: PresentedSession, nowMs: number): Promise<Authentication> {
    if (presented.kind === 'bearer') {
      const found = await this.#fromToken(presented.token, 'bearer', nowMs);
      return found === 'expired' ? over('token expired') : found;
    }
    if (presented.access !== undefined) {
      const found = await this.#fromToken(presented.access, 'cookies', nowMs);
      if (found !== 'expired') return found;
    }
    return presented.refresh === undefined ? over('token expired') : this.#renewed(presented.refresh, nowMs);
  }

  isCsrfToken(sessionId: string, token: string): boolean {
    return this.#deps.csrf.holds(sessionId, token);
  }

  /** Forgets compiled roles: the configuration changed. */
  rolesChanged(): void {
    this.#permissions.clear();
  }

  /** Nobody knows what happened meanwhile: every token is verified again (T11). */
  forgetAll(): void {
    this.#byRefresh.changed();
    this.#verified.clear();
    this.#spent.clear();
    this.#deps.sessions.forgetAll();
  }

  async #fromToken(token: string, kind: PresentedSession['kind'], nowMs: number): Promise<Authentication | 'expired'> {
    const verdict = await this.#verdict(token, nowMs);
    if (verdict.kind === 'refused') return { kind: 'refused', rule: verdict.rule };
    if (verdict.kind === 'expired') return 'expired';
    const session = await this.#deps.sessions.find(verdict.claims.sessionId, nowMs);
    if (session === undefined) return over('session is over');
    this.#verified.set(this.#deps.digest(token), verdict.claims);
    return this.#identified(session, kind, verdict.claims);
  }

  /** A token may be faster than the news of the key that signed it (T11). */
  async #verdict(token: string, nowMs: number): Promise<AccessVerdict> {
    const verdict = this.#deps.tokens.verify(token, nowMs);
    if (verdict.kind !== 'refused' || verdict.rule !== UNKNOWN_KEY) return verdict;
    await this.#deps.reloadKeys();
    return this.#deps.tokens.verify(token, nowMs);
  }

  /** Coalesced: a page that loads twenty files after an expiry costs one lookup. */
  async #renewed(refresh: string, nowMs: number): Promise<Authentication> {
    if ((this.#spent.get(this.#deps.digest(refresh)) ?? 0) > nowMs) return over('session is over');
    const admit = (facts: SessionFacts | undefined): LiveSession | undefined =>
      facts === undefined ? undefined : this.#deps.sessions.admit(facts, nowMs);
    const session = await this.#byRefresh.read(refresh, admit, nowMs);
    if (session === undefined) return this.#notHeld(refresh, nowMs);
    const access = mintAccess({ ...this.#deps, lifeMs: this.#deps.accessTokenLifeMs() }, session.facts, nowMs);
    const found = this.#identified(session, 'cookies', { ...session.facts, sessionId: session.facts.id });
    return found.kind === 'refused' ? found : { ...found, answerHeaders: tokenCookies(this.#deps.cookies, { access }) };
  }

  /** A browser whose session has ended sends its cookie with every request: that is no guess (SB7), and looked up once (T24). */
  async #notHeld(refresh: string, nowMs: number): Promise<Authentication> {
    if (!(await this.#deps.wasIssued(refresh))) return { kind: 'refused', rule: 'refresh token does not hold' };
    this.#spent.set(this.#deps.digest(refresh), nowMs + SPENT_CACHED_MS);
    return over('session is over');
  }

  #identified(session: LiveSession, kind: PresentedSession['kind'], claims: AccessFacts): Authentication {
    const { id, userId, tenantId, role, expiresAtMs: endsAtMs } = session.facts;
    const permissions = this.#permissionsOf(role, tenantId);
    if (permissions === undefined) return over('role is not configured');
    const via = kind === 'bearer' ? 'bearer' : 'cookie';
    const expiresAtMs = kind === 'bearer' ? claims.expiresAtMs : endsAtMs;
    const credential = { kind: 'session', id, via, expiresAtMs } as const;
    return { kind: 'principal', principal: { userId, tenantId, role, permissions, credential } };
  }

  #permissionsOf(role: string, tenantId: string): PermissionSet | undefined {
    const key = `${tenantId}\n${role}`;
    const known = this.#permissions.get(key);
    if (known !== undefined) return known;
    const grants = this.#deps.grantsOf(role);
    if (grants === undefined) return undefined;
    const compiled = permissionsOf(grants, tenantId);
    this.#permissions.set(key, compiled);
    return compiled;
  }
}

/** Ours, and over: nobody guessed anything, so it costs the address no attempt. */
function over(rule: string): Authentication {
  return { kind: 'refused', rule, wasOurs: true };
}
