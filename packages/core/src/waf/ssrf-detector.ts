import { type Host, hostOf } from './hosts.ts';
import type { Detector, Sign } from './rule.ts';

const ADDRESSES_MAX = 256;
const AUTHORITY_CHARS_MAX = 300;
/* A scheme with its slashes, either way round, or without them before what can only be a host; or slashes at the start. */
const START =
  /(?:(?:^|[^a-z\d+.-])(?:[a-z][a-z\d+.-]{1,16}:[\\/]{1,16}|(?:https?|ftp):(?=\d|localhost|\[|0x))|^["']?[\\/]{2,4}(?=[\w[]))/g;
const AUTHORITY_END = /[/?#\\\s"'<>`]/;
const BARE = /^["']?(\[[\da-f:.]{2,45}\]|[a-z\d.-]{1,253})(:\d{1,5})?(\/(?!\d{1,3}$)\S{0,2000})?["']?$/;

interface NamedHost extends Host {
  /** It stands where another host seems to. */
  readonly isTrick: boolean;
}

/* Says what an address of a request makes the server call. */
const SIGNS = {
  metadata: { rule: 'ssrf-metadata-host', score: 8, reason: 'the metadata service of a cloud, by its address' },
  obscured: { rule: 'ssrf-obscured', score: 6, reason: 'an address written so that filters read another one' },
  loopback: { rule: 'ssrf-loopback', score: 5, reason: 'the address of the server itself' },
  private: { rule: 'ssrf-private', score: 5, reason: 'an address of the network behind the server' },
} as const;

/** Addresses anywhere in a value. */
export const SSRF_DETECTOR: Detector = {
  ...detector((text) => worst(hostsIn(text), text)),
  fields: ['path', 'query', 'form', 'cookie', 'xml', 'header', 'name'],
  except: ['json'],
};

/** Addresses that are all of a value: documents and texts speak of others all day, of their own network too. */
export const SSRF_VALUE_DETECTOR: Detector = {
  ...detector((text) => {
    // A host and a port alone are what services call each other in settings.
    const sign = /\s/.test(text) || /^[\w.-]{1,253}:\d{1,5}$/.test(text) ? undefined : worst(hostsIn(text), text);
    return sign?.rule === SIGNS.private.rule ? undefined : sign;
  }),
  fields: ['json', 'text'],
};

function detector(detect: (text: string) => Sign | undefined): Detector {
  return {
    ids: Object.values(SIGNS).map(({ rule }) => rule),
    cls: 'ssrf',
    literals: [
      ':/',
      ' ipv6-',
      ':\\',
      '//',
      '\\\\',
      'http:',
      'https:',
      'localhost',
      '127.',
      '0.0.0.0',
      '::1',
      '.internal',
      'kubernetes',
      'ip6-',
      'loopback',
      'metadata',
      '169.254',
      '.svc',
      'localdomain',
    ],
    views: ['plain'],
    detect,
  };
}

function worst(hosts: readonly NamedHost[], text: string): Sign | undefined {
  const [found] = hosts
    .map(signOf)
    .filter((sign) => sign !== undefined)
    .toSorted((one, other) => other.score - one.score);
  return found === undefined ? undefined : { ...found, evidence: text.slice(0, AUTHORITY_CHARS_MAX) };
}

function signOf({ kind, isObscured, isTrick }: NamedHost): Omit<Sign, 'evidence'> | undefined {
  if (kind === 'metadata') return SIGNS.metadata;
  // Nobody writes the address of a server on the Internet as one number.
  if (isObscured || (isTrick && kind !== 'public')) return SIGNS.obscured;
  return kind === 'public' ? undefined : SIGNS[kind];
}

/** The hosts that the addresses in a text name, to one reader or another. Bounded in number. */
function hostsIn(text: string): readonly NamedHost[] {
  const hosts: NamedHost[] = [];
  START.lastIndex = 0;
  for (let count = 0; count < ADDRESSES_MAX; count += 1) {
    const start = START.exec(text);
    if (start === null) break;
    hosts.push(...hostsAt(text.slice(START.lastIndex, START.lastIndex + AUTHORITY_CHARS_MAX)));
  }
  const bare = hosts.length === 0 ? BARE.exec(text) : null;
  if (bare !== null && (bare[2] ?? bare[3]) !== undefined) hosts.push({ ...hostOf(bare[1] ?? ''), isTrick: false });
  return hosts;
}

/** Readers differ in where the host ends and what stands before an `@`: each reading counts. */
function hostsAt(rest: string): readonly NamedHost[] {
  const end = AUTHORITY_END.exec(rest)?.index ?? rest.length;
  const names = rest.slice(0, end).split('@');
  // A user name that could be a host is there to be read as one.
  const isTrick = names.length > 1 && (names[0] ?? '').split(':', 1)[0]?.includes('.') === true;
  const hosts = names.map((name, at) => ({ ...hostOf(withoutPort(name)), isTrick: isTrick && at > 0 }));
  // `http://example.com#@127.0.0.1/`: what follows the first end, to readers that look for the `@` first.
  const hidden = /^[#?\\&;]{1,4}@([^/\s@]{1,200})/.exec(rest.slice(end))?.[1];
  return hidden === undefined ? hosts : [...hosts, { ...hostOf(withoutPort(hidden)), isTrick: true }];
}

function withoutPort(name: string): string {
  return name.startsWith('[') ? name : (name.split(/[:%]/, 1)[0] ?? '');
}

/** For the settings that speak of them. */
export const LOCAL_ADDRESS_RULES: ReadonlySet<string> = new Set([SIGNS.loopback.rule, SIGNS.private.rule]);
