import { ipv6Value } from '../net/address-text.ts';

/** What a host is to the server that is made to call it. */
export type HostKind = 'metadata' | 'loopback' | 'private' | 'public';

/** A host as an address of a request names it. */
export interface Host {
  readonly kind: HostKind;
  /** Written so that a filter that compares texts reads something else. */
  readonly isObscured: boolean;
}

const PUBLIC: Host = { kind: 'public', isObscured: false };

/** Reads a host in every spelling that `inet_aton`, resolvers and services for rebinding take. Lower case; no port. */
export function hostOf(text: string): Host {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.startsWith('[')) return ipv6Host(name.slice(1).split(/[\]%]/, 1)[0] ?? '');
  if (/^[\da-fx.]+$/.test(name)) {
    const value = ipv4Number(name);
    if (value !== undefined)
      return { kind: ipv4Kind(value), isObscured: !/^(?:(?:0|[1-9]\d{0,2})(?:\.|$)){4}$/.test(name) };
  }
  return namedHost(name);
}

/* Compatible (::/96), mapped (::ffff:0:0/96) and translated (64:ff9b::/96) addresses of IPv4. */
const IPV4_PREFIXES: ReadonlySet<bigint> = new Set([0n, 0xffffn, 0x64_ff9b_0000_0000_0000_0000n]);

function ipv6Host(text: string): Host {
  const value = ipv6Value(text);
  if (value === undefined) return PUBLIC;
  if (value === 0n || value === 1n) return { kind: 'loopback', isObscured: text !== '::1' && text !== '::' };
  if (IPV4_PREFIXES.has(value >> 32n)) return { kind: ipv4Kind(Number(value & 0xffff_ffffn)), isObscured: true };
  if (value >> 64n === 0xfd00_0ec2_0000_0000n) return { kind: 'metadata', isObscured: false };
  const top = Number(value >> 112n);
  const isLocal = (top & 0xfe00) === 0xfc00 || (top & 0xffc0) === 0xfe80;
  return isLocal ? { kind: 'private', isObscured: false } : PUBLIC;
}

/** One to four parts, decimal, octal or hexadecimal; the last fills what is left (POSIX `inet_addr`). */
function ipv4Number(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  let value = 0;
  for (const [index, part] of parts.entries()) {
    const number = partNumber(part);
    const isLast = index === parts.length - 1;
    if (number === undefined || number >= 256 ** (isLast ? 4 - index : 1)) return undefined;
    value += isLast ? number : number * 256 ** (3 - index);
  }
  return value;
}

function partNumber(text: string): number | undefined {
  if (/^0x[\da-f]{0,8}$/.test(text)) return text === '0x' ? 0 : Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]{1,14}$/.test(text)) return Number.parseInt(text, 8);
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** First and last address of each block. */
const BLOCKS: readonly (readonly [number, number, HostKind])[] = [
  [0xa9fe_a9fe, 0xa9fe_a9fe, 'metadata'],
  [0xa9fe_aa02, 0xa9fe_aa02, 'metadata'],
  [0x6464_64c8, 0x6464_64c8, 'metadata'],
  [0xc000_00c0, 0xc000_00c0, 'metadata'],
  [0xa83f_8110, 0xa83f_8110, 'metadata'],
  [0x0000_0000, 0x00ff_ffff, 'loopback'],
  [0x7f00_0000, 0x7fff_ffff, 'loopback'],
  [0x0a00_0000, 0x0aff_ffff, 'private'],
  [0xac10_0000, 0xac1f_ffff, 'private'],
  [0xc0a8_0000, 0xc0a8_ffff, 'private'],
  [0xa9fe_0000, 0xa9fe_ffff, 'private'],
  [0x6440_0000, 0x647f_ffff, 'private'],
];

function ipv4Kind(value: number): HostKind {
  return BLOCKS.find(([first, last]) => value >= first && value <= last)?.[2] ?? 'public';
}

const LOOPBACK_NAME =
  /^(?:(?:[\w-]{1,63}\.){0,8}localhost|localhost6?\.localdomain6?|ipv?6-(?:localhost|loopback)|loopback|broadcasthost|(?:[\w-]{1,63}\.){0,8}(?:localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|yoogle\.com|fbi\.com))$/;
const METADATA_NAME =
  /^(?:metadata|metadata\.(?:google\.internal|goog|nicb|azure\.(?:com|internal)|tencentyun\.com|packet\.net|platformequinix\.com|oraclecloud\.com)|instance-data(?:\.ec2\.internal)?|rancher-metadata|169-254-169-254\.\S{1,64})$/;
const PRIVATE_NAME =
  /^(?:(?:[\w-]{1,63}\.){1,8}(?:internal|localdomain|intranet|lan|corp|private|svc|home\.arpa|cluster\.local|docker\.internal|containers\.internal|consul)|kubernetes(?:\.default)?|host\.docker\.internal|ipv?6-(?:localnet|mcastprefix|allnodes|allrouters))$/;
/* Names that resolve to the address which they hold. */
const WILDCARD =
  /^(.{1,200})\.(?:nip\.io|sslip\.io|xip\.io|ip\.es\.io|traefik\.me|local-ip\.(?:co|sh)|1u\.ms|rbndr\.us)$/;
const REBINDING =
  /^(?:(?:[\w-]{1,63}\.){1,8}(?:rbndr\.us|1u\.ms|rebind\.network|rebind\.it)|spoofed\.burpcollaborator\.net)$/;

function namedHost(name: string): Host {
  const held = WILDCARD.exec(name)?.[1];
  if (held !== undefined) return heldAddress(held);
  if (REBINDING.test(name)) return { kind: 'loopback', isObscured: true };
  if (LOOPBACK_NAME.test(name)) return { kind: 'loopback', isObscured: !name.endsWith('localhost') };
  if (METADATA_NAME.test(name)) return { kind: 'metadata', isObscured: false };
  return PRIVATE_NAME.test(name) ? { kind: 'private', isObscured: false } : PUBLIC;
}

const DOTTED = /(?:^|[.-])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})$/;

function heldAddress(text: string): Host {
  const dotted = DOTTED.exec(text);
  const last = text.split('.').at(-1) ?? '';
  const value = dotted === null ? hexAddress(last) : ipv4Number(dotted.slice(1).map(Number).join('.'));
  // Of a rebinding pair the second half is as good as the first.
  return { kind: value === undefined ? 'loopback' : ipv4Kind(value), isObscured: true };
}

function hexAddress(text: string): number | undefined {
  return /^[\da-f]{8}$/.test(text) ? Number.parseInt(text, 16) : undefined;
}
