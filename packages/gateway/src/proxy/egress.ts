import { answerMerge, type Policy, securityHeaders } from '@steadygate/core';
import type { Generation } from './generation.ts';

/** What every answer of a generation carries, prepared once. */
export function egressOf(policy: Policy['egress']): Pick<Generation, 'securityHeaders' | 'merge'> {
  const http = securityHeaders(policy, { https: false });
  const https = securityHeaders(policy, { https: true });
  return { securityHeaders: { http, https }, merge: { http: answerMerge(http), https: answerMerge(https) } };
}
