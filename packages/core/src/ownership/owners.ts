/** What names one object: unique across tenants, upstreams and resources. */
export interface ObjectName {
  readonly tenantId: string;
  readonly upstream: string;
  readonly resource: string;
  readonly objectId: string;
}

/** Who owns what. Implemented by the store; positive answers may be cached, misses never (T4). */
export interface Owners {
  /** The owner's user id; undefined for an object nobody claimed or that was deleted. */
  ownerOf(object: ObjectName): string | undefined | Promise<string | undefined>;
  /** Which of `objectIds` belong to `ownerId`. */
  ownedOf(
    scope: Omit<ObjectName, 'objectId'> & { ownerId: string },
    objectIds: readonly string[],
  ): ReadonlySet<string> | Promise<ReadonlySet<string>>;
}
