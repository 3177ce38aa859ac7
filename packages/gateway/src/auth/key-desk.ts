import {
  type KeyEnvironment,
  parseRange,
  parseRate,
  type PermissionSet,
  PLATFORM_AREAS,
  PLATFORM_KEY_PERMISSIONS,
  ProblemError,
  type Rate,
  type RouteLimit,
} from '@steadygate/core';
import type { Actor } from '../store/actor.ts';
import type { ApiKey } from '../store/api-key.ts';
import type { ApiKeys } from '../store/api-keys.ts';
import type { Change } from '../store/change.ts';
import type { Digest } from '../store/crypto-port.ts';

/** Makes the secrets of keys. Implemented in `crypto`. */
export interface KeySecrets {
  /** A new key: its text is shown once, its digest kept. */
  make(
    prefix: string,
    environment: KeyEnvironment,
  ): { readonly id: string; readonly text: string; readonly digest: Digest };
  newId(): string;
  /** The SHA-256 of a whole key, as 64 hexadecimal digits. */
  digestFromHex(hex: string): Digest;
}

/** What of the configuration keys need. */
export interface KeySettings {
  readonly prefix: string;
  readonly lifeMaxMs: number | undefined;
  readonly rotationOverlapMs: number;
  /** The limit of a tenant's keys that have none of their own. */
  readonly limitOf: (tenantId: string) => RouteLimit;
}

/** What a key is to be. */
export interface KeyOrder {
  readonly name: string;
  readonly environment: KeyEnvironment;
  /** `orders:read`, or with wildcards. */
  readonly permissions: readonly string[];
  /** CIDR ranges; empty: anywhere. */
  readonly addresses: readonly string[];
  /** Such as `20/s`; undefined: that of its tenant. */
  readonly rate?: string | undefined;
  /** Undefined: as long as the configuration lets it, or without an end. */
  readonly lifeMs?: number | undefined;
}

/** A key with the one copy of its text. */
export interface IssuedKey {
  readonly key: ApiKey;
  readonly text: string;
}

export interface KeyDeskDeps {
  readonly keys: Pick<ApiKeys, 'create' | 'get' | 'rotate'>;
  readonly secrets: KeySecrets;
  /** Read at each use: a reload may change them. */
  readonly settings: () => KeySettings;
}

/** The tenant that holds the platform permissions (T15). */
const PLATFORM_TENANT = 'system';

const GRANT = /^(?:\*|(?:\*|[a-z][a-z0-9-]*):(?:\*|[a-z][a-z0-9-]*))$/;

/** Issues, imports and rotates API keys. Whoever is no operator hands out no more than they hold. */
export class KeyDesk {
  readonly #deps: KeyDeskDeps;

  constructor(deps: KeyDeskDeps) {
    this.#deps = deps;
  }

  /** For the operator. @throws ProblemError `input-invalid` */
  async issue(order: KeyOrder, by: Change): Promise<IssuedKey> {
    const { secrets, settings } = this.#deps;
    const { id, text, digest } = secrets.make(settings().prefix, order.environment);
    const key = await this.#create({ ...order, id, digest, isImported: false }, by);
    if (key === undefined) throw new Error('a new key has the id of another');
    return { key, text };
  }

  /** The same for a principal. @throws ProblemError `permission-denied`, `input-invalid` */
  async issueFor(holder: PermissionSet, order: KeyOrder, by: Change): Promise<IssuedKey> {
    assertWithin(holder, order.permissions);
    this.#assertNoFaster(order.rate, by.actor);
    return this.issue(order, by);
  }

  /** Takes over a key of another system by its SHA-256: for the operator only. @throws ProblemError `conflict` */
  async importKey(order: KeyOrder & { readonly sha256: string }, by: Change): Promise<ApiKey> {
    const { sha256, ...rest } = order;
    const { secrets } = this.#deps;
    const draft = { ...rest, id: secrets.newId(), digest: secrets.digestFromHex(sha256), isImported: true };
    const key = await this.#create(draft, by);
    if (key === undefined) throw new ProblemError('conflict', { detail: 'There is a key with this digest already.' });
    return key;
  }

  /**
   * Gives a key a successor; `overlapMs` 0 ends the old one at once.
   *
   * @throws ProblemError `not-found`, `conflict`
   */
  async rotate(id: string, overlapMs: number | undefined, by: Change): Promise<IssuedKey> {
    const { keys, secrets, settings } = this.#deps;
    const old = await keys.get(by.actor, id);
    if (old === undefined) throw notFound();
    const made = secrets.make(settings().prefix, old.environment);
    const to = { id: made.id, digest: made.digest, overlapMs: overlapMs ?? settings().rotationOverlapMs };
    const key = await keys.rotate(id, to, by);
    if (key === 'not-found') throw notFound();
    if (key === 'spent') throw new ProblemError('conflict', { detail: 'This key has a successor already.' });
    return { key, text: made.text };
  }

  /** The same for a principal: the successor's text is as good as a new key. @throws ProblemError `permission-denied` */
  async rotateFor(
    holder: PermissionSet,
    { id, overlapMs }: { readonly id: string; readonly overlapMs: number | undefined },
    by: Change,
  ): Promise<IssuedKey> {
    const old = await this.#deps.keys.get(by.actor, id);
    if (old === undefined) throw notFound();
    assertWithin(holder, old.permissions);
    return this.rotate(id, overlapMs, by);
  }

  async #create(
    { rate, lifeMs, ...draft }: KeyOrder & { id: string; digest: Digest; isImported: boolean },
    by: Change,
  ): Promise<ApiKey | undefined> {
    const { lifeMaxMs } = this.#deps.settings();
    assertWellFormed({ rate, ...draft }, by.actor);
    if (lifeMs !== undefined && lifeMaxMs !== undefined && lifeMs > lifeMaxMs) {
      throw invalid('It may not hold that long: keys.lifeMax.');
    }
    return this.#deps.keys.create({ ...draft, rate, lifeMs: lifeMs ?? lifeMaxMs }, by);
  }

  #assertNoFaster(text: string | undefined, { tenantId }: Actor): void {
    const rate = text === undefined ? undefined : parseRate(text);
    const most = this.#deps.settings().limitOf(tenantId);
    if (rate === undefined || isWithin(rate, most.rate)) return;
    throw new ProblemError('permission-denied', { detail: `The keys of this tenant have at most ${most.text}.` });
  }
}

function assertWithin(holder: PermissionSet, permissions: readonly string[]): void {
  if (holder.covers(permissions)) return;
  throw new ProblemError('permission-denied', { detail: 'The key would hold permissions that you do not.' });
}

/** Neither more at once nor more in the long run. */
function isWithin(rate: Rate, most: Rate): boolean {
  return rate.amount <= most.amount && rate.amount * most.perMs <= most.amount * rate.perMs;
}

function assertWellFormed(
  { permissions, addresses, rate }: Omit<KeyOrder, 'name' | 'environment'>,
  actor: Actor,
): void {
  if (permissions.length === 0) throw invalid('A key needs at least one permission.');
  if (actor.tenantId === PLATFORM_TENANT) assertWatchesOnly(permissions);
  else for (const permission of permissions) assertGrant(permission);
  const range = addresses.find((text) => parseRange(text) === undefined);
  if (range !== undefined) throw invalid('An address is none: write 10.0.0.0/8, 2001:db8::/32 or one address.');
  if (rate !== undefined && parseRate(rate) === undefined)
    throw invalid('The limit is no rate: write 20/s or 300/15m.');
}

/** T15: platform work is done by people; a service may look at metrics, which name nobody. */
function assertWatchesOnly(permissions: readonly string[]): void {
  if (permissions.every((permission) => PLATFORM_KEY_PERMISSIONS.includes(permission))) return;
  throw invalid('A key of tenant system holds metrics:read and nothing else.');
}

/** T15: platform areas exist in tenant `system` only; `self` is what every person may do to their own sessions. */
function assertGrant(permission: string): void {
  if (!GRANT.test(permission)) throw invalid('A permission is none: write area:action in lower case, or wildcards.');
  const [area = ''] = permission.split(':', 1);
  if (PLATFORM_AREAS.includes(area) || area === 'self') throw invalid(`No key holds permissions of area ${area}.`);
}

function invalid(detail: string): ProblemError {
  return new ProblemError('input-invalid', { detail });
}

function notFound(): ProblemError {
  return new ProblemError('not-found', { detail: 'There is no such key in this tenant that still holds.' });
}
