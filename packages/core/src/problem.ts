import type { ViolationKind } from './blocks/violation-kind.ts';

/** A stable problem code: the only thing programs should compare. */
export type ProblemCode =
  | 'request-malformed'
  | 'path-ambiguous'
  | 'credentials-ambiguous'
  | 'parameter-duplicated'
  | 'body-invalid'
  | 'input-invalid'
  | 'credential-required'
  | 'login-failed'
  | 'permission-denied'
  | 'csrf-refused'
  | 'origin-refused'
  | 'address-refused'
  | 'path-refused'
  | 'content-refused'
  | 'blocked'
  | 'not-found'
  | 'method-refused'
  | 'body-timeout'
  | 'conflict'
  | 'body-too-large'
  | 'uri-too-long'
  | 'media-type-refused'
  | 'expectation-refused'
  | 'schema-refused'
  | 'text-refused'
  | 'upgrade-refused'
  | 'rate-limited'
  | 'quota-exceeded'
  | 'head-too-large'
  | 'internal'
  | 'upstream-failed'
  | 'answer-refused'
  | 'unavailable'
  | 'upstream-busy'
  | 'upstream-unavailable'
  | 'upstream-timeout';

/** The closed catalogue of failures that a caller may see. Codes are stable; titles may be reworded. */
export const PROBLEMS: Readonly<Record<ProblemCode, { readonly status: number; readonly title: string }>> = {
  'request-malformed': { status: 400, title: 'The request is malformed' },
  'path-ambiguous': { status: 400, title: 'The path has more than one reading' },
  'credentials-ambiguous': { status: 400, title: 'More than one credential was sent' },
  'parameter-duplicated': { status: 400, title: 'A parameter was sent more than once' },
  'body-invalid': { status: 400, title: 'The body is not valid' },
  'input-invalid': { status: 400, title: 'The input is not valid' },
  'credential-required': { status: 401, title: 'A valid credential is required' },
  'login-failed': { status: 401, title: 'The log-in failed' },
  'permission-denied': { status: 403, title: 'This credential may not do that' },
  'csrf-refused': { status: 403, title: 'The request does not come from this site' },
  'origin-refused': { status: 403, title: 'This origin is not allowed' },
  'address-refused': { status: 403, title: 'This address is not allowed' },
  'path-refused': { status: 403, title: 'This path is never served' },
  'content-refused': { status: 403, title: 'The content of this request is refused' },
  blocked: { status: 403, title: 'This caller is blocked for a while' },
  'not-found': { status: 404, title: 'Not found' },
  'method-refused': { status: 405, title: 'This method is not allowed here' },
  'body-timeout': { status: 408, title: 'The body did not arrive in time' },
  conflict: { status: 409, title: 'The change conflicts with the present state' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The request target is too long' },
  'media-type-refused': { status: 415, title: 'This media type is not accepted here' },
  'expectation-refused': { status: 417, title: 'This expectation is not met' },
  'schema-refused': { status: 422, title: 'The request does not match the description of this API' },
  'text-refused': { status: 422, title: 'A text is longer, or holds more, than is accepted' },
  'upgrade-refused': { status: 426, title: 'This route needs a WebSocket upgrade' },
  'rate-limited': { status: 429, title: 'Too many requests' },
  'quota-exceeded': { status: 429, title: 'The quota of the day is used up' },
  'head-too-large': { status: 431, title: 'The request head is too large' },
  internal: { status: 500, title: 'Internal error' },
  'upstream-failed': { status: 502, title: 'The upstream did not answer properly' },
  'answer-refused': { status: 502, title: 'The answer of the upstream was withheld' },
  unavailable: { status: 503, title: 'Not available at the moment' },
  'upstream-busy': { status: 503, title: 'The upstream has no room for this request at the moment' },
  'upstream-unavailable': { status: 503, title: 'The upstream is not asked at the moment' },
  'upstream-timeout': { status: 504, title: 'The upstream did not answer in time' },
};

/** Which limit was hit, so that a caller knows what to wait for, or what to send less of. */
export interface LimitHit {
  /** The limit's name in the configuration, such as `principal` or `charactersMax`. */
  readonly name: string;
  /** Of requests over time, as configured, such as `300/15m`. */
  readonly rate?: string;
  /** Of what one request may hold. */
  readonly max?: number;
  /** Where the request holds more, such as `body:$.text`. */
  readonly field?: string;
}

/** One place of a request that does not match a description. */
export interface FaultHit {
  /** Such as `query:limit` or `body`. */
  readonly field: string;
  /** JSON pointer within it (RFC 6901); empty for the whole. */
  readonly pointer: string;
  /** In words; never the value. */
  readonly rule: string;
}

/** What of a problem is said to the caller, besides its code. */
export interface ProblemFacts {
  /** Safe to publish; says what would help. */
  readonly detail?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly limit?: LimitHit | undefined;
  /** A few places, at most. */
  readonly errors?: readonly FaultHit[] | undefined;
}

/** A failure the caller may see. The private reason goes in `cause`: it is logged and never sent. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly facts: ProblemFacts;
  /** Set when this refusal counts against the caller (T13); never sent. */
  readonly violation: ViolationKind | undefined;

  constructor(code: ProblemCode, facts: ProblemFacts = {}, options?: ProblemOptions) {
    super(facts.detail ?? PROBLEMS[code].title, options);
    this.name = 'ProblemError';
    this.code = code;
    this.facts = facts;
    this.violation = options?.violation;
  }
}

/** What stands behind a problem: it stays inside. */
interface ProblemOptions {
  readonly cause?: unknown;
  readonly violation?: ViolationKind;
}

/** An error of something that may come back, such as a lost store: no bug, and no fault of the caller's. */
export interface Unavailability extends Error {
  readonly isUnavailability: true;
}

/** Anything thrown, as a problem: what is neither one nor an unavailability is a bug, of which the caller learns nothing. */
export function problemOf(cause: unknown): ProblemError {
  if (cause instanceof ProblemError) return cause;
  return new ProblemError(isUnavailability(cause) ? 'unavailable' : 'internal', {}, { cause });
}

function isUnavailability(cause: unknown): cause is Unavailability {
  return cause instanceof Error && 'isUnavailability' in cause && cause.isUnavailability === true;
}

/** The members of an `application/problem+json` body (RFC 9457 §3.1), with our extensions `code`, `requestId`, `limit`, `errors`. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly requestId: string;
  readonly limit?: LimitHit;
  readonly errors?: readonly FaultHit[];
}

/** Renders a problem for the caller of request `requestId`. */
export function problemBody(code: ProblemCode, facts: ProblemFacts, requestId: string): ProblemBody {
  const { status, title } = PROBLEMS[code];
  return {
    type: `urn:steadygate:problem:${code}`,
    title,
    status,
    code,
    ...(facts.detail === undefined ? {} : { detail: facts.detail }),
    requestId,
    ...(facts.limit === undefined ? {} : { limit: facts.limit }),
    ...(facts.errors === undefined ? {} : { errors: facts.errors }),
  };
}
