import { firstHeader } from './header-list.ts';
import type { CanonicalRequest } from './request.ts';

/** Whether a person opens a page; not a script, an image or a program. */
export function isNavigation({ method, headers, upgrade }: CanonicalRequest): boolean {
  if (upgrade !== undefined || (method !== 'GET' && method !== 'HEAD')) return false;
  const mode = firstHeader(headers, 'sec-fetch-mode') ?? 'navigate';
  const accept = firstHeader(headers, 'accept') ?? '';
  return mode === 'navigate' && /(?:^|[\s,])text\/html(?:[\s;,]|$)/i.test(accept);
}
