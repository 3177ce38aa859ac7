import type { PermissionSet } from './access.ts';

/** Who calls, after a credential was verified. Carries ids, never names or secrets. */
export interface Principal {
  readonly userId: string;
  readonly tenantId: string;
  readonly role: string;
  readonly permissions: PermissionSet;
  readonly credential: PrincipalCredential;
}

/** The credential behind a principal. */
export interface PrincipalCredential {
  readonly kind: 'session';
  /** The session's id (`sid`): what revocation names. */
  readonly id: string;
  /** How it was presented: cookies need CSRF protection, a bearer token does not. */
  readonly via: 'cookie' | 'bearer';
  /** When the presented token ends; for a cookie, when the session ends. Epoch milliseconds. */
  readonly expiresAtMs: number;
}
