/** What can be seen of where state is kept. */
export type StoreFacts = { readonly kind: 'sqlite' } | PostgresFacts;

/** What the server says of the connection and the role that the gate has there. */
export interface PostgresFacts {
  readonly kind: 'postgres';
  readonly role: string;
  readonly connection: {
    /** Over a socket nothing leaves the machine. */
    readonly isSocket: boolean;
    /** Such as `TLSv1.3`; undefined without TLS. */
    readonly protocol: string | undefined;
    /** Whether the server had to show a certificate of a known authority. */
    readonly isVerified: boolean;
  };
  /** Row-level security does not bind it: SUPERUSER or BYPASSRLS. */
  readonly goesAround: boolean;
  /** What the role may do and does not need, in words that follow "may". */
  readonly excess: readonly string[];
  /** Tables with tenants' rows that row-level security does not protect. */
  readonly unprotected: readonly string[];
  /** Log entries that a connection sees which names no tenant. */
  readonly seenWithoutTenant: number;
  /** Whether what the server acknowledges is on its disk. */
  readonly isDurable: boolean;
}
