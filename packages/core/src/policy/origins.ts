import { maskEvidence } from '../mask.ts';
import type { CanonicalRequest } from '../request.ts';
import type { CorsPolicy } from './policy.ts';

/** Knows which origins may send requests with a session's cookies. */
export interface OriginJudge {
  /** Whether this exact origin is the gate's own or a listed one. */
  isAcceptable(origin: string, request: CanonicalRequest): boolean;
}

/**
 * Compiles own and listed origins. Where no own origin is configured, the one that the request itself was sent to counts
 * as own: a page on another origin cannot choose it, and cookies stay with their host.
 */
export function originJudge(ownOrigins: readonly string[], cors: CorsPolicy): OriginJudge {
  const acceptable = new Set([...ownOrigins, ...cors.origins]);
  return {
    isAcceptable(origin, request) {
      if (acceptable.has(origin)) return true;
      return ownOrigins.length === 0 && origin === originOf(request);
    },
  };
}

/** RFC 6454 §6.1: the default port is not written. */
function originOf({ scheme, host }: CanonicalRequest): string {
  const defaultPort = scheme === 'https' ? ':443' : ':80';
  return `${scheme}://${host.endsWith(defaultPort) ? host.slice(0, -defaultPort.length) : host}`;
}

const ORIGIN = /^https?:\/\/(?:[a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/;

/** Whether text is one exact origin as browsers send it: no `*`, no `null`, no path, lower case. */
export function isOrigin(text: string): boolean {
  return ORIGIN.test(text);
}

/** An origin as evidence: whole where it is one, so that it can be copied into the configuration. */
export function shownOrigin(text: string): string {
  return isOrigin(text) ? text : maskEvidence(text);
}
