/** Who called, as a recording says: ids and names of permissions, no credential. */
export interface RecordedCaller {
  readonly tenantId: string;
  readonly userId: string;
  readonly role: string;
  readonly kind: 'session' | 'key';
  /** A key's own permissions. A session has those of its role in the configuration that is tried. */
  readonly permissions: readonly string[];
}

/** What the gate decided when it recorded a request. Absent from logs of other programs. */
export interface RecordedVerdict {
  readonly outcome: 'allow' | 'answer' | 'deny';
  readonly guard: string | undefined;
  readonly rule: string | undefined;
}

/** One request of a recording. What is undefined was not recorded. */
export interface RecordedRequest {
  /** Where it stands: the line, or the entry of an archive, from 1. */
  readonly place: number;
  readonly atMs: number | undefined;
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** Flat: name, value, name, value. */
  readonly headers: readonly string[];
  readonly address: string | undefined;
  readonly body: Uint8Array | undefined;
  /** Whether there was a body that the recording leaves out. */
  readonly isBodyMissing: boolean;
  readonly caller: RecordedCaller | undefined;
  readonly verdict: RecordedVerdict | undefined;
}

/** A place of a recording that holds no request. */
export interface Unreadable {
  readonly place: number;
  /** In plain words. */
  readonly reason: string;
}

/** What stands at one place of a recording. */
export type Recorded =
  | { readonly ok: true; readonly request: RecordedRequest }
  | { readonly ok: false; readonly unreadable: Unreadable };

/** A request of another program's log: nothing is known but what is given. */
export function foreignRequest(
  facts: Pick<RecordedRequest, 'place' | 'method' | 'target'> & Partial<RecordedRequest>,
): RecordedRequest {
  return {
    atMs: undefined,
    headers: [],
    address: undefined,
    body: undefined,
    isBodyMissing: false,
    caller: undefined,
    verdict: undefined,
    ...facts,
  };
}

/** A place that holds no request. */
export function unreadable(place: number, reason: string): Recorded {
  return { ok: false, unreadable: { place, reason } };
}

/** What follows the origin in an absolute URL; the text itself when it is a path. Undefined: neither. */
export function targetOf(url: string): string | undefined {
  if (url.startsWith('/')) return url;
  const rest = /^https?:\/\/[^/?#]*(.*)$/is.exec(url)?.[1];
  if (rest === undefined) return undefined;
  // A fragment stays in the browser (RFC 9110 §7.1); it may hold anything.
  const [target = ''] = rest.split('#');
  return target.startsWith('/') ? target : `/${target}`;
}
