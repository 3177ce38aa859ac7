import type { ProblemCode } from '../problem.ts';

/** Why a request has no canonical form. */
export interface Refusal {
  readonly ok: false;
  readonly code: ProblemCode;
  /** For the decision, never for the caller. */
  readonly rule: CanonicalRule;
  /** Where in the request, such as `header:host`. */
  readonly field?: string;
  /** Safe to publish. */
  readonly detail?: string;
  /** True when the connection must end, because where this request ends is not certain. */
  readonly closes: boolean;
}

/** A rule that a request can break before it has a canonical form. */
export type CanonicalRule =
  | 'version-unsupported'
  | 'peer-unknown'
  | 'field-unpaired'
  | 'field-name'
  | 'field-value'
  | 'field-duplicated'
  | 'field-disguised'
  | 'fields-too-many'
  | 'fields-too-large'
  | 'content-length-malformed'
  | 'content-length-too-large'
  | 'framing-conflict'
  | 'transfer-encoding-unsupported'
  | 'host-missing'
  | 'host-malformed'
  | 'host-not-allowed'
  | 'connection-malformed'
  | 'connection-names-end-to-end'
  | 'upgrade-unsupported'
  | 'websocket-handshake'
  | 'expectation-unsupported'
  | 'method-malformed'
  | 'method-unlisted'
  | 'target-too-long'
  | 'target-form'
  | 'target-fragment'
  | 'query-character'
  | 'query-percent'
  | 'path-relative'
  | 'path-character'
  | 'path-percent'
  | 'path-utf8'
  | 'path-backslash'
  | 'path-encoded-separator'
  | 'path-encoded-control'
  | 'path-double-encoding'
  | 'path-empty-segment'
  | 'path-dot-segment-disguised'
  | 'path-above-root';

interface Rule {
  readonly code: ProblemCode;
  readonly closes: boolean;
  readonly detail?: string;
}

const MALFORMED: Rule = { code: 'request-malformed', closes: true };
const AMBIGUOUS: Rule = { code: 'path-ambiguous', closes: false };
const BAD_TARGET: Rule = { code: 'request-malformed', closes: false };
const TOO_LARGE: Rule = { code: 'head-too-large', closes: true };

const RULES: Readonly<Record<CanonicalRule, Rule>> = {
  'version-unsupported': { ...MALFORMED, detail: 'HTTP/1.1 and HTTP/1.0 are spoken here.' },
  'peer-unknown': MALFORMED,
  'field-unpaired': MALFORMED,
  'field-name': MALFORMED,
  'field-value': MALFORMED,
  'field-duplicated': { ...MALFORMED, detail: 'A field that may be sent once was sent twice.' },
  'field-disguised': MALFORMED,
  'fields-too-many': TOO_LARGE,
  'fields-too-large': TOO_LARGE,
  'content-length-malformed': MALFORMED,
  'content-length-too-large': { code: 'body-too-large', closes: true },
  'framing-conflict': MALFORMED,
  'transfer-encoding-unsupported': MALFORMED,
  'host-missing': MALFORMED,
  'host-malformed': MALFORMED,
  'host-not-allowed': { ...BAD_TARGET, detail: 'This host name is not served here.' },
  'connection-malformed': MALFORMED,
  'connection-names-end-to-end': MALFORMED,
  'upgrade-unsupported': { ...MALFORMED, detail: 'Only an upgrade to WebSocket is possible.' },
  'websocket-handshake': { ...MALFORMED, detail: 'The WebSocket handshake must follow RFC 6455, version 13.' },
  'expectation-unsupported': { code: 'expectation-refused', closes: true },
  'method-malformed': MALFORMED,
  'method-unlisted': { code: 'method-refused', closes: true },
  'target-too-long': { code: 'uri-too-long', closes: true },
  'target-form': { ...MALFORMED, detail: 'The request target must be a path that starts with "/".' },
  'target-fragment': MALFORMED,
  'query-character': { ...BAD_TARGET, detail: 'The query has a character that must be percent-encoded.' },
  'query-percent': { ...BAD_TARGET, detail: 'The query has a "%" that starts no percent-encoding.' },
  'path-relative': BAD_TARGET,
  'path-character': { ...BAD_TARGET, detail: 'The path has a character that must be percent-encoded.' },
  'path-percent': { ...BAD_TARGET, detail: 'The path has a "%" that starts no percent-encoding.' },
  'path-utf8': { ...AMBIGUOUS, detail: 'The path is not valid UTF-8.' },
  'path-backslash': AMBIGUOUS,
  'path-encoded-separator': AMBIGUOUS,
  'path-encoded-control': AMBIGUOUS,
  'path-double-encoding': AMBIGUOUS,
  'path-empty-segment': AMBIGUOUS,
  'path-dot-segment-disguised': AMBIGUOUS,
  'path-above-root': AMBIGUOUS,
};

/** The refusal that a rule prescribes. `field` names where, such as `header:host`. */
export function refusal(rule: CanonicalRule, field?: string): Refusal {
  return { ok: false, rule, ...RULES[rule], ...(field === undefined ? {} : { field }) };
}
