import type { CanonicalRequest, HeaderList, Principal } from '@steadygate/core';
import type { Upstream } from './generation.ts';

/** What an assertion is about. */
export interface AssertionSubject {
  readonly principal: Principal;
  readonly upstream: Upstream;
  readonly request: CanonicalRequest;
  /** `request` binds the assertion to method and path; `principal` allows reuse for 30 seconds. */
  readonly binding: 'principal' | 'request';
  readonly nowMs: number;
}

/**
 * Tells an upstream who calls: `x-steadygate-user|role|tenant|request-id` and `x-steadygate-assertion`.
 *
 * Signed once per principal and upstream and reused for 30 seconds, so that the common case stays synchronous.
 */
export interface AssertionSigner {
  headersFor(subject: AssertionSubject): HeaderList | Promise<HeaderList>;
}
