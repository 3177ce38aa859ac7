import { firstHeader } from '../header-list.ts';
import type { CanonicalRequest } from '../request.ts';

/**
 * Whether a page of another site may have made the caller's browser send this (T13): a victim must not be blocked by
 * what an image or a frame of somebody's page asks for.
 *
 * A page cannot add `Authorization` or `X-API-Key` without being allowed to. Browsers that send no `Sec-Fetch-Site` are
 * told by their `Origin`. Who writes these fields himself is refused all the same.
 */
export function mayBeOtherSites({ headers, host }: CanonicalRequest): boolean {
  if (firstHeader(headers, 'authorization') !== undefined || firstHeader(headers, 'x-api-key') !== undefined)
    return false;
  const site = firstHeader(headers, 'sec-fetch-site');
  if (site !== undefined) return site === 'cross-site' || site === 'same-site';
  const origin = firstHeader(headers, 'origin');
  return origin !== undefined && origin.replace(/^https?:\/\//, '') !== host;
}
