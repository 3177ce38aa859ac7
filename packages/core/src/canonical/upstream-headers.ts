import { carriesOwnCredential } from '../credential/own-credential.ts';
import { KEY_FIELD } from '../credential/presented-credential.ts';
import { foreignCookies } from './cookies.ts';
import { connectionOptions } from './framing.ts';
import { foldName, headerKind, type HeaderKind } from './header-kind.ts';
import type { HeaderList } from '../header-list.ts';
import type { CanonicalRequest } from '../request.ts';

/** What the gate itself says to an upstream. */
export interface OwnHeaders {
  /** The upstream's own host, with its port where one is needed. */
  readonly host: string;
  /**
   * Our fields (identity, assertion, injected keys), names in lower case: set last; a client's of that name are dropped.
   * Never `host`, framing or forwarding fields: those are written here.
   */
  readonly set: HeaderList;
  /** True only on public routes, for foreign `Authorization` and API keys; what the gate issued never passes (T2). */
  readonly keepAuthorization: boolean;
  /** True where answers are filtered or scrubbed: asks for the whole plain representation (T8). */
  readonly identityEncoding: boolean;
}

/**
 * The fields to send upstream, as a flat list with names in lower case; `host` is the first.
 *
 * Hop-by-hop fields go first, those that `Connection` names included; then every name that folds to an identity,
 * framing, forwarding or override name, or has a `_`; then our credentials (T2). Ours are written last, so that nothing
 * a client sends removes or doubles them. Framing is `content-length` or nothing; the client library writes `connection`,
 * `upgrade` and `transfer-encoding` itself.
 */
export function upstreamHeaders(request: CanonicalRequest, own: OwnHeaders): string[] {
  const headers = ['host', own.host];
  const isRefused = clientFilter(request, own);
  for (let at = 0; at < request.headers.length; at += 2) {
    const kind = headerKind(request.headers[at] ?? '');
    if (kind === undefined || isRefused(kind)) continue;
    const value = forwardedValue(kind, request.headers[at + 1] ?? '');
    if (value !== undefined) headers.push(kind.name, value);
  }
  if (request.bodyBytes) headers.push('content-length', String(request.bodyBytes));
  if (own.identityEncoding) headers.push('accept-encoding', 'identity');
  headers.push('x-forwarded-for', request.clientAddress, 'x-forwarded-proto', request.scheme);
  headers.push('x-forwarded-host', request.host);
  for (const text of own.set) headers.push(text);
  return headers;
}

/** Which of a client's fields stay here. */
function clientFilter(request: CanonicalRequest, own: OwnHeaders): (kind: HeaderKind) => boolean {
  const named = connectionOptions(request.headers) ?? [];
  const isOwn = ownNames(own.set);
  return (kind) => isDropped(kind, own) || named.includes(kind.name) || isOwn(kind);
}

function isDropped(kind: HeaderKind, own: OwnHeaders): boolean {
  if (kind.hop || kind.reserved || kind.disguised || kind.name === 'host') return true;
  if (kind.conditional) return own.identityEncoding;
  return isCredential(kind) && !own.keepAuthorization;
}

function forwardedValue(kind: HeaderKind, value: string): string | undefined {
  if (kind.name === 'cookie') return foreignCookies(value);
  return isCredential(kind) && carriesOwnCredential(value) ? undefined : value;
}

function isCredential({ name }: HeaderKind): boolean {
  return name === 'authorization' || name === KEY_FIELD;
}

/** Whether a client's field has, or folds to, a name that we set ourselves, such as an injected key's. */
function ownNames(set: HeaderList): (kind: HeaderKind) => boolean {
  let folds: ReadonlySet<string> | undefined;
  return (kind) => {
    if (kind.endToEnd) return isNameIn(set, kind.name);
    folds ??= new Set(set.filter((_, at) => at % 2 === 0).map(foldName));
    return folds.has(foldName(kind.name));
  };
}

function isNameIn(headers: HeaderList, name: string): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name) return true;
  }
  return false;
}
