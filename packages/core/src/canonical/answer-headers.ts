import { cookieName, isOwnCookieName } from './cookies.ts';
import { isFieldValue } from './fields.ts';
import { connectionOptions } from './framing.ts';
import { foldName, isToken } from './header-kind.ts';

/** What happens to an upstream's answer. */
export interface AnswerTraits {
  /** True when the body is filtered or scrubbed: fields that describe the upstream's bytes go. */
  readonly rewritten: boolean;
}

const HOP: ReadonlySet<string> = new Set(
  (
    'connection keep-alive proxy-connection proxy-authenticate proxy-authentication-info te trailer ' +
    'transfer-encoding upgrade http2-settings sec-websocket-extensions'
  ).split(' '),
);
// Folded: what only the gate says, what reaches beyond the upstream's own pages (T1), and what tells about its software.
const OURS_ALONE: ReadonlySet<string> = new Set(
  (
    'serviceworkerallowed altsvc server xpoweredby xaspnetversion xaspnetmvcversion xruntime xgenerator ' +
    'xrequestid setcookie2 publickeypins publickeypinsreportonly stricttransportsecurity ' +
    // Framing in disguise (`Transfer_Encoding`): some reader behind the gate could take it for what it imitates.
    'contentlength transferencoding connection upgrade trailer te'
  ).split(' '),
);
const OF_BYTES: ReadonlySet<string> = new Set(
  (
    'content-length content-encoding content-range accept-ranges etag last-modified content-md5 digest ' +
    'content-digest repr-digest'
  ).split(' '),
);

/**
 * The fields of an upstream's answer that may reach the caller, as a flat list with names in lower case.
 *
 * Dropped are: hop-by-hop fields, those that `Connection` names included; cookies with the gate's names (T2); names that
 * fold to what only the gate says; CORS fields, since the gate's CORS policy decides alone; malformed names and values.
 */
export function answerHeadersFromUpstream(
  raw: readonly string[],
  traits: AnswerTraits = { rewritten: false },
): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    const value = raw[at + 1] ?? '';
    if (traits.rewritten && OF_BYTES.has(name)) continue;
    if (isKept(name, value) && !named.includes(name)) kept.push(name, value);
  }
  return kept;
}

const NONE: readonly string[] = [];

/** Most answers have one `Connection` or none, and it names no field. */
function namedByConnection(raw: readonly string[]): readonly string[] {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if ((raw[at] ?? '').toLowerCase() !== 'connection') continue;
    if (raw[at + 1] === 'keep-alive' || raw[at + 1] === 'close') continue;
    return connectionOptions(raw.map((text, index) => (index % 2 === 0 ? text.toLowerCase() : text))) ?? NONE;
  }
  return NONE;
}

function isKept(name: string, value: string): boolean {
  if (!isFieldValue(value)) return false;
  if (COMMON.has(name)) return true;
  if (HOP.has(name) || !isToken(name)) return false;
  if (name === 'set-cookie') return !isOwnCookieName(cookieName(value));
  const folded = foldName(name);
  if (OURS_ALONE.has(folded) || folded === 'setcookie') return false;
  return !folded.startsWith('xsteadygate') && !folded.startsWith('accesscontrol');
}

// Spares the fields of nearly every answer the folding.
const COMMON: ReadonlySet<string> = new Set(
  'content-type content-length content-encoding cache-control date etag vary last-modified location'.split(' '),
);
