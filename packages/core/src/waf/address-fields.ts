import type { Field } from './field.ts';
import { LOCAL_ADDRESS_RULES } from './ssrf-detector.ts';

/* Addresses of pages are addresses: that they name a host is no attack on it. */
const ADDRESS_HEADERS = new Set([
  'referer',
  'origin',
  'host',
  'x-forwarded-host',
  'forwarded',
  'via',
  'x-forwarded-for',
]);
/* Where a browser is sent next, and where it comes from: no server calls it. */
const RETURN_NAME =
  /^(?:(?:post_logout_)?redirect_ur[il]|return_?(?:to|url)|callback_url|next|continue|origin|dl|dr|ref|referr?er|page_?(?:url|location)|location_href)$/i;
/* What a document says of services beside it, in settings and reports. */
const SERVICE_NAME =
  /(?:^|_|-)(?:ur[il]|endpoint|host|server|origin|issuer|base|proxy|upstream|target|href|link)s?$|ur[il]$/i;

/** Whether an address stands in a field whose addresses browsers follow, and no server. */
export function isForBrowsers({ kind, name }: Field): boolean {
  return kind === 'header' ? ADDRESS_HEADERS.has(name) : RETURN_NAME.test(name);
}

/** Whether a rule found a local address without disguise where developers write them into documents every day. */
export function isLocalService({ kind, name }: Field, rule: string): boolean {
  return kind === 'json' && LOCAL_ADDRESS_RULES.has(rule) && SERVICE_NAME.test(name);
}
