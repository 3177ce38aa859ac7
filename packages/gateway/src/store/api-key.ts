import type { KeyEnvironment } from '@steadygate/core';
import type { Selectable } from 'kysely';
import type { Digest } from './crypto-port.ts';
import type { ApiKeyTable } from './schema.ts';

/** Why a key ended before its time. */
export type KeyEndReason = 'revoked' | 'rotated' | 'leaked' | 'user-disabled';

/** A key of a service account, without its secret and without its name. */
export interface ApiKey {
  /** Public, random, never reused. */
  readonly id: string;
  readonly tenantId: string;
  /** The service account: owners survive rotation (T10). */
  readonly userId: string;
  /** True for keys that another system made: found by their digest alone. */
  readonly isImported: boolean;
  readonly environment: KeyEnvironment;
  readonly permissions: readonly string[];
  /** CIDR ranges; empty: anywhere. */
  readonly addresses: readonly string[];
  /** Such as `20/s`; undefined: that of its tenant. */
  readonly rate: string | undefined;
  readonly createdAtMs: number;
  /** How long it was made for: so long its successor holds too. */
  readonly lifeMs: number | undefined;
  readonly expiresAtMs: number | undefined;
  readonly rotatedAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
  readonly revokeReason: string | undefined;
  readonly lastUsedAtMs: number | undefined;
}

/** What an administrator of its tenant sees. */
export interface NamedApiKey extends ApiKey {
  /** The service account's name; undefined once erased. */
  readonly name: string | undefined;
}

/** What a key is to be. */
export interface ApiKeyDraft {
  readonly id: string;
  readonly digest: Digest;
  /** Of the service account, which is made with the key. */
  readonly name: string;
  readonly isImported: boolean;
  readonly environment: KeyEnvironment;
  readonly permissions: readonly string[];
  readonly addresses: readonly string[];
  readonly rate: string | undefined;
  readonly lifeMs: number | undefined;
}

/** What became of a key by a moment. */
export function keyState(key: ApiKey, nowMs: number): 'active' | 'rotated' | 'expired' | 'revoked' {
  if (key.revokedAtMs !== undefined) return 'revoked';
  if (key.expiresAtMs !== undefined && key.expiresAtMs <= nowMs) return 'expired';
  return key.rotatedAtMs === undefined ? 'active' : 'rotated';
}

/** Whether a key may be used at a moment; a rotated one may until its overlap is over. */
export function isUsable(key: ApiKey, nowMs: number): boolean {
  const state = keyState(key, nowMs);
  return state === 'active' || state === 'rotated';
}

/** A row as the program sees it. */
export function toApiKey(row: Selectable<ApiKeyTable>): ApiKey {
  return {
    id: row.id,
    tenantId: row.tenantId,
    userId: row.userId,
    isImported: row.isImported === 1,
    environment: toEnvironment(row.environment),
    permissions: toTexts(row.permissions),
    addresses: toTexts(row.addresses),
    rate: row.rate ?? undefined,
    createdAtMs: row.createdAtMs,
    lifeMs: row.lifeMs ?? undefined,
    expiresAtMs: row.expiresAtMs ?? undefined,
    rotatedAtMs: row.rotatedAtMs ?? undefined,
    revokedAtMs: row.revokedAtMs ?? undefined,
    revokeReason: row.revokeReason ?? undefined,
    lastUsedAtMs: row.lastUsedAtMs ?? undefined,
  };
}

function toEnvironment(text: string): KeyEnvironment {
  if (text === 'live' || text === 'test') return text;
  throw new Error('a key is of an environment that this program does not know');
}

function toTexts(json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new Error('a column holds no list of texts');
}
