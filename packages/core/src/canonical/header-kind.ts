/** What the gate knows of a header field by its name. */
export interface HeaderKind {
  /** In lower case. */
  readonly name: string;
  /** A bit of its own when the field may be sent only once, else 0. */
  readonly single: number;
  /** Belongs to one connection or to its framing (RFC 9110 §7.6.1): never forwarded. */
  readonly hop: boolean;
  /** Speaks in the gate's name (identity, forwarding, override): a client's is never forwarded. */
  readonly reserved: boolean;
  /** Claims where a request came from: an alert when an unlisted peer sends it. */
  readonly forwarding: boolean;
  /** Reads as a framing field to a lax reader and is none: the request is refused. */
  readonly disguised: boolean;
  /** Asks for another representation than the whole plain one (T8). */
  readonly conditional: boolean;
  /** A field for the final recipient: `Connection` must not name it. */
  readonly endToEnd: boolean;
}

const PLAIN: Omit<HeaderKind, 'name'> = {
  single: 0,
  hop: false,
  reserved: false,
  forwarding: false,
  disguised: false,
  conditional: false,
  endToEnd: false,
};

const ONCE_END_TO_END =
  'host authorization x-api-key content-type content-encoding content-range content-location origin cookie referer user-agent ' +
  'last-event-id sec-fetch-site sec-fetch-mode sec-fetch-dest sec-websocket-key sec-websocket-version ' +
  'access-control-request-method access-control-request-headers max-forwards';
const END_TO_END =
  'accept accept-charset accept-language cache-control pragma content-language content-disposition dnt priority ' +
  'sec-fetch-user sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-gpc sec-websocket-protocol ' +
  'upgrade-insecure-requests x-requested-with idempotency-key purpose sec-purpose';
const ONCE_CONDITIONAL = 'range if-range if-modified-since if-unmodified-since';
const CONDITIONAL = 'accept-encoding if-match if-none-match a-im';
const ONCE_HOP = 'content-length transfer-encoding upgrade expect';
// No extension means no compression of messages, so that each one can be read (T7).
const HOP = 'connection keep-alive te trailer proxy-connection http2-settings sec-websocket-extensions';
const ONCE_RESERVED = 'x-csrf-token proxy-authorization';
/** Trace context is judged, and written afresh where it goes on. */
const RESERVED = 'x-request-id traceparent tracestate';
const FORWARDING = 'x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip forwarded';

const FRAMING_FOLDS: ReadonlySet<string> = new Set(
  'contentlength transferencoding host connection upgrade expect te trailer'.split(' '),
);
const FORWARDING_PREFIXES = ['xforwarded', 'forwarded', 'xoriginalforwarded', 'xrealip', 'xclientip'];
const FORWARDING_FOLDS: ReadonlySet<string> = new Set(
  (
    'trueclientip cfconnectingip cfconnectingipv6 cfpseudoipv4 xclusterclientip fastlyclientip clientip ' +
    'xremoteip xremoteaddr remoteaddr xoriginatingip xazureclientip xazuresocketip xappengineuserip ' +
    'xenvoyexternaladdress xproxyuserip wlproxyclientip proxyclientip xprotoforwarded'
  ).split(' '),
);
// `s` is what folding leaves of `HTTPS`, which tells CGI programs that the connection was secure.
const RESERVED_FOLDS: ReadonlySet<string> = new Set(
  (
    'xrequestid traceparent tracestate xcsrftoken xhttpmethodoverride xmethodoverride xhttpmethod xmethod xhttphostoverride xhost xurl ' +
    'xgroup xgroups xemail xprincipal xidentity xsubject xpermissions xscopes xorganization xaccountid ' +
    'authuser authtype logonuser authorization xapikey cookie cookie2 s xscheme xurlscheme xhttps frontendhttps xmatchedpath'
  ).split(' '),
);
const RESERVED_PREFIXES_BY_START: ReadonlyMap<string, readonly string[]> = Map.groupBy(
  (
    'xsteadygate steadygate xuser xrole xtenant xoriginal xrewrite xauth xremote remote xamznoidc xamzncognito ' +
    'xgoogiap xgoogauthenticated xmsclient xmstoken xenvoy xconsumer xcredential xanonymousconsumer sslclient xssl ' +
    'xclientcert clientcert xarr proxy cfaccess oidc xwebauth tailscale impersonate ximpersonate ximpersonated ' +
    'xpomerium xvouch xmiddleware xinvoke xjwt xwebobjects'
  ).split(' '),
  startOf,
);

/** Letters and digits of a name in lower case, without a CGI-style `HTTP_` before: how the laxest reader sees it. */
export function foldName(name: string): string {
  const folded = name.toLowerCase().replace(/[^a-z\d]+/g, '');
  let from = 0;
  while (folded.startsWith('http', from)) from += 4;
  return folded.slice(from);
}

function startOf(folded: string): string {
  return folded.slice(0, 2);
}

/**
 * What the gate knows of the field that a client spelled `name`; undefined when that is no token (RFC 9110 §5.6.2).
 *
 * Common spellings cost one look-up. Others are folded, so that no punctuation or case hides a reserved name.
 */
export function headerKind(name: string): HeaderKind | undefined {
  const known = KNOWN.get(name);
  if (known !== undefined) return known;
  if (!isToken(name)) return undefined;
  const lower = name.toLowerCase();
  return KNOWN.get(lower) ?? unknownKind(lower);
}

/** Whether a text is a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(text);
}

function unknownKind(name: string): HeaderKind {
  const folded = foldName(name);
  const forwarding = isForwarding(folded);
  // Servers of the CGI family read `_` as `-`, so a name with `_` can stand for any other name.
  const reserved = forwarding || name.includes('_') || isReserved(folded);
  return { ...PLAIN, name, reserved, forwarding, disguised: FRAMING_FOLDS.has(folded) };
}

function isForwarding(folded: string): boolean {
  return FORWARDING_FOLDS.has(folded) || FORWARDING_PREFIXES.some((prefix) => folded.startsWith(prefix));
}

function isReserved(folded: string): boolean {
  if (RESERVED_FOLDS.has(folded)) return true;
  const prefixes = RESERVED_PREFIXES_BY_START.get(startOf(folded));
  return prefixes !== undefined && prefixes.some((prefix) => folded.startsWith(prefix));
}

const KNOWN: ReadonlyMap<string, HeaderKind> = knownKinds();

function knownKinds(): ReadonlyMap<string, HeaderKind> {
  const kinds = new Map<string, HeaderKind>();
  let bit = 1;
  const add = (names: string, traits: Partial<HeaderKind>, once: boolean): void => {
    for (const name of names.split(' ')) {
      const kind = { ...PLAIN, ...traits, name, single: once ? bit : 0 };
      if (once) bit *= 2;
      kinds.set(name, kind).set(titleCase(name), kind);
    }
  };
  add(ONCE_END_TO_END, { endToEnd: true }, true);
  add(END_TO_END, { endToEnd: true }, false);
  add(ONCE_CONDITIONAL, { endToEnd: true, conditional: true }, true);
  add(CONDITIONAL, { endToEnd: true, conditional: true }, false);
  add(ONCE_HOP, { hop: true }, true);
  add(HOP, { hop: true }, false);
  add(ONCE_RESERVED, { reserved: true }, true);
  add(RESERVED, { reserved: true }, false);
  add(FORWARDING, { reserved: true, forwarding: true }, false);
  return kinds;
}

function titleCase(name: string): string {
  return name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}
