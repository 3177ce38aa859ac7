import { allHeaders, type HeaderList } from '../header-list.ts';

/** Where in a trace a request comes from (W3C Trace Context). */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case, not all zero. */
  readonly traceId: string;
  /** 16 hexadecimal digits in lower case, not all zero. */
  readonly spanId: string;
  /** Whether the caller says that it records this trace. */
  readonly isSampled: boolean;
  /** What systems on the way keep with the trace: one valid list of at most 512 characters; undefined when there is none. */
  readonly state: string | undefined;
}

/**
 * §3.2.2: `version-traceid-parentid-flags` in lower case, no id all zero. Version 00 has exactly these parts, ff is none, and what
 * follows in a later one is not read.
 */
const TRACEPARENT =
  /^(?!ff)(?:00(?=.{53}$)|(?!00)[\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-.*)?$/;
const LENGTH_MAX = 512;
const MEMBERS_MAX = 32;
/** §3.3.2.2.1: `key`, or `tenant@system`; then a value of printable characters that does not end with a space. */
const MEMBER =
  /^(?:[a-z][a-z\d_\-*/]{0,255}|[a-z\d][a-z\d_\-*/]{0,240}@[a-z][a-z\d_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * The trace context that a request says to have; undefined when it says none, or not exactly one valid one.
 *
 * A state that is malformed or too large is left out and the rest stays (§3.3.1.1). Never throws.
 */
export function parseTraceContext(headers: HeaderList): TraceContext | undefined {
  const [parent, ...others] = allHeaders(headers, 'traceparent');
  if (parent === undefined || others.length > 0 || parent.length > LENGTH_MAX) return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(parent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, isSampled, state: parseState(allHeaders(headers, 'tracestate')) };
}

/** The fields that carry a context on: `traceparent` in version 00, and `tracestate` where there is a state. */
export function traceHeaders({ traceId, spanId, isSampled, state }: TraceContext): HeaderList {
  const parent = `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
  return state === undefined ? ['traceparent', parent] : ['traceparent', parent, 'tracestate', state];
}

/** Lines are one list (RFC 9110 §5.3); empty members are left out; one bad member, or a key twice, spoils the whole. */
function parseState(lines: readonly string[]): string | undefined {
  const text = lines.join(',');
  if (text.length > LENGTH_MAX) return undefined;
  const members = text
    .split(',')
    .map((member) => member.replace(/^[\t ]+|[\t ]+$/g, ''))
    .filter((member) => member !== '');
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf('='))));
  const isValid = members.length <= MEMBERS_MAX && members.every((member) => MEMBER.test(member));
  return isValid && members.length > 0 && keys.size === members.length ? members.join(',') : undefined;
}
