import {
  type AddressRange,
  type Authentication,
  claimsToBeApiKey,
  KEY_ROLE,
  type KeyLimit,
  parseApiKey,
  parseRange,
  parseRate,
  type PermissionSet,
  permissionsOf,
  type Principal,
} from '@steadygate/core';
import { BoundedMap, type CacheUse } from './bounded-map.ts';
import { SharedReads } from './shared-reads.ts';

const KEYS_CACHED_MAX = 200_000;
const PERMISSIONS_CACHED_MAX = 10_000;
/** Looked-up ids that no key has, or whose key is over: asked again they cost no look-up for a while (T24). */
const MISSES_CACHED_MAX = 20_000;
const MISSES_CACHED_MS = 10_000;

/** Longer texts are no key of anybody's. */
const LENGTH_MAX = 512;

/** A key as the store holds it. */
export interface KeyFacts {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly environment: 'live' | 'test';
  readonly permissions: readonly string[];
  readonly addresses: readonly string[];
  readonly rate: string | undefined;
  readonly expiresAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
}

export interface KeyAuthenticatorDeps {
  /** Read at each use: a reload may change it. */
  readonly prefix: () => string;
  /** A one-way digest: keys are not kept in memory. */
  readonly digest: (key: string) => string;
  readonly equal: (left: string, right: string) => boolean;
  readonly byId: (id: string) => Promise<(KeyFacts & { readonly digest: string }) | undefined>;
  /** Keys that another system made say no id of ours. */
  readonly importedByDigest: (digest: string) => Promise<KeyFacts | undefined>;
  /** Verified keys that are remembered, about 600 bytes each. Absent: 200,000. */
  readonly cachedMax?: number;
}

interface Verified {
  readonly digest: string;
  readonly found: Authentication & { readonly kind: 'principal' };
  readonly expiresAtMs: number;
}

/**
 * Verifies API keys over a bounded cache of verified ones.
 *
 * A key that ends or changes is forgotten at once; its expiry is looked at on every use. What is wrong by its checksum,
 * and what was found to be unknown or over, costs no look-up (T24).
 */
export class KeyAuthenticator {
  readonly #deps: KeyAuthenticatorDeps;
  /** By digest. */
  readonly #verified: BoundedMap<string, Verified>;
  /** Digests of verified keys, by id. */
  readonly #digests: BoundedMap<string, string>;
  readonly #cachedMax: number;
  /** Genuine keys that are over, by digest: no key ever begins again. */
  readonly #over = new BoundedMap<string, true>(MISSES_CACHED_MAX);
  readonly #permissions = new BoundedMap<string, PermissionSet>(PERMISSIONS_CACHED_MAX);
  readonly #misses = new BoundedMap<string, number>(MISSES_CACHED_MAX);
  readonly #byId: SharedReads<(KeyFacts & { readonly digest: string }) | undefined>;
  readonly #importedByDigest: SharedReads<KeyFacts | undefined>;

  constructor(deps: KeyAuthenticatorDeps) {
    this.#deps = deps;
    this.#cachedMax = deps.cachedMax ?? KEYS_CACHED_MAX;
    this.#verified = new BoundedMap(this.#cachedMax);
    this.#digests = new BoundedMap(this.#cachedMax);
    this.#byId = new SharedReads(deps.byId);
    this.#importedByDigest = new SharedReads(deps.importedByDigest);
  }

  /** Of verified keys. */
  get cache(): CacheUse {
    return this.#verified;
  }

  /** A verified key, unless it is over; undefined: ask `authenticate()`. */
  cached(key: string, nowMs: number): Authentication | undefined {
    if (key.length > LENGTH_MAX) return undefined;
    const known = this.#verified.get(this.#deps.digest(key));
    return known === undefined || known.expiresAtMs <= nowMs ? undefined : known.found;
  }

  async authenticate(key: string, nowMs: number): Promise<Authentication> {
    const named = this.#named(key);
    if (named === undefined) return { kind: 'refused', rule: 'key without a valid checksum' };
    if (this.#over.get(named.digest) === true) return OVER;
    if ((this.#misses.get(named.place) ?? 0) > nowMs) return UNKNOWN;
    return this.#looked(named, nowMs);
  }

  /** A key has ended, has another end or was imported: what is known of it is not true any more. */
  forget(keyId: string): void {
    this.#changed();
    // An imported key may be one that was asked for in vain.
    this.#misses.clear();
    const digest = this.#digests.get(keyId) ?? this.#searched(keyId);
    if (digest !== undefined) this.#verified.delete(digest);
    this.#digests.delete(keyId);
  }

  /** Nobody knows what happened meanwhile: every key is looked up again (T11). */
  forgetAll(): void {
    this.#changed();
    for (const cache of [this.#misses, this.#over, this.#verified, this.#digests]) cache.clear();
  }

  /** A change that arrives while a look-up runs wins. */
  #changed(): void {
    this.#byId.changed();
    this.#importedByDigest.changed();
  }

  /** Keys that may do the same share one compiled set: 100,000 keys have few. */
  #permissionsOf({ permissions, tenantId }: KeyFacts): PermissionSet {
    const place = JSON.stringify([tenantId, permissions]);
    const known = this.#permissions.get(place);
    if (known !== undefined) return known;
    const compiled = permissionsOf(permissions, tenantId);
    this.#permissions.set(place, compiled);
    return compiled;
  }

  /** A full map forgets ids in another order than keys: then an id that it does not know may still be let in. */
  #searched(keyId: string): string | undefined {
    if (this.#digests.size < this.#cachedMax) return undefined;
    for (const { digest, found } of this.#verified.values()) {
      if (found.principal.credential.id === keyId) return digest;
    }
    return undefined;
  }

  /** Undefined for what says to be one of ours and is none: never looked up. */
  #named(key: string): Named | undefined {
    const prefix = this.#deps.prefix();
    const parts = parseApiKey(key, prefix);
    if (parts !== undefined) return { place: parts.id, digest: this.#deps.digest(key), isImported: false };
    if (claimsToBeApiKey(key, prefix) || key.length > LENGTH_MAX) return undefined;
    const digest = this.#deps.digest(key);
    return { place: digest, digest, isImported: true };
  }

  #looked(named: Named, nowMs: number): Promise<Authentication> {
    const { place, digest, isImported } = named;
    if (!isImported) return this.#byId.read(place, (facts) => this.#judged(named, facts, nowMs));
    return this.#importedByDigest.read(digest, (facts) => {
      return this.#judged(named, facts === undefined ? undefined : { digest, ...facts }, nowMs);
    });
  }

  #judged(
    { place, digest }: Named,
    facts: (KeyFacts & { readonly digest: string }) | undefined,
    nowMs: number,
  ): Authentication {
    if (facts === undefined) {
      this.#misses.set(place, nowMs + MISSES_CACHED_MS);
      return UNKNOWN;
    }
    if (!this.#deps.equal(facts.digest, digest)) return { kind: 'refused', rule: 'key with a wrong secret' };
    const expiresAtMs = facts.expiresAtMs ?? Infinity;
    if (facts.revokedAtMs !== undefined || expiresAtMs <= nowMs) {
      this.#over.set(digest, true);
      return OVER;
    }
    const found = { kind: 'principal', principal: principalOf(facts, this.#permissionsOf(facts)) } as const;
    this.#verified.set(digest, { digest, found, expiresAtMs });
    this.#digests.set(facts.id, digest);
    return found;
  }
}

interface Named {
  /** What it is looked up by: its id, or its digest when it says none. */
  readonly place: string;
  readonly digest: string;
  readonly isImported: boolean;
}

const UNKNOWN: Authentication = { kind: 'refused', rule: 'unknown key' };
/** Ours, and over: nobody guessed anything, so it costs the address no attempt. */
const OVER: Authentication = { kind: 'refused', rule: 'key is over', wasOurs: true };

function principalOf(facts: KeyFacts, permissions: PermissionSet): Principal {
  const { id, userId, tenantId, environment } = facts;
  const addresses = facts.addresses.map(rangeOf);
  const expiresAtMs = facts.expiresAtMs ?? Infinity;
  return {
    userId,
    tenantId,
    role: KEY_ROLE,
    permissions,
    credential: { kind: 'key', id, via: 'key', environment, addresses, expiresAtMs, limit: limitOf(facts.rate) },
  };
}

/** Checked when the key was made: a range that does not parse must not become "anywhere". */
function rangeOf(text: string): AddressRange {
  const range = parseRange(text);
  if (range === undefined) throw new Error('a key has an address range that this program does not know');
  return range;
}

function limitOf(text: string | undefined): KeyLimit | undefined {
  if (text === undefined) return undefined;
  const rate = parseRate(text);
  if (rate === undefined) throw new Error('a key has a rate that this program does not know');
  return { text, rate };
}
