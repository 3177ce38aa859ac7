import type { PermissionSet } from './access.ts';
import type { KeyEnvironment } from './credential/api-key.ts';
import type { Rate } from './limits/bucket-store.ts';
import type { AddressRange } from './net/address.ts';

/** Who calls, after a credential was verified. Carries ids, never names or secrets. */
export interface Principal {
  readonly userId: string;
  readonly tenantId: string;
  readonly role: string;
  readonly permissions: PermissionSet;
  readonly credential: PrincipalCredential;
}

/** The credential behind a principal. */
export type PrincipalCredential = SessionCredential | KeyCredential;

/** A session of a person. */
export interface SessionCredential {
  readonly kind: 'session';
  /** The session's id (`sid`): what revocation names. */
  readonly id: string;
  /** How it was presented: cookies need CSRF protection, a bearer token does not. */
  readonly via: 'cookie' | 'bearer';
  /** When the presented token ends; for a cookie, when the session ends. Epoch milliseconds. */
  readonly expiresAtMs: number;
}

/** An API key of a service account. */
export interface KeyCredential {
  readonly kind: 'key';
  /** The key's public id: what revocation names. */
  readonly id: string;
  /** No browser adds a key by itself: there is no request to forge. */
  readonly via: 'key';
  /** Epoch milliseconds; infinite for a key without an end. */
  readonly expiresAtMs: number;
  readonly environment: KeyEnvironment;
  /** Where it may be used from; empty: anywhere. */
  readonly addresses: readonly AddressRange[];
  /** Replaces the default limit of keys. */
  readonly limit: KeyLimit | undefined;
}

/** How fast a key may be used. */
export interface KeyLimit {
  readonly rate: Rate;
  /** As configured, such as `10/s`. */
  readonly text: string;
}

/** The role of every key's principal: the permissions are the key's own. No role of the configuration has this name. */
export const KEY_ROLE = 'key';
