const IPV6_BITS_HEX_DIGITS = 32;

/** The value of a dotted IPv4 address, or undefined. Four decimal octets, no leading zeros: `010` is 8 to some readers. */
export function ipv4Value(text: string): number | undefined {
  if (text.length > 15) return undefined;
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    const octet = octetValue(part);
    if (octet === undefined) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

function octetValue(text: string): number | undefined {
  if (text.length === 0 || text.length > 3) return undefined;
  if (text.length > 1 && text.startsWith('0')) return undefined;
  let value = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value > 255 ? undefined : value;
}

/** The value of an IPv6 address (RFC 4291 §2.2, embedded IPv4 too), or undefined. No zone id, no brackets. */
export function ipv6Value(text: string): bigint | undefined {
  if (text.length > 45) return undefined;
  const gap = text.indexOf('::');
  const hex = gap < 0 ? hexGroups(text, true) : hexAroundGap(text.slice(0, gap), text.slice(gap + 2));
  return hex?.length === IPV6_BITS_HEX_DIGITS ? BigInt(`0x${hex}`) : undefined;
}

/** `::` stands for at least one group of zeros. */
function hexAroundGap(before: string, after: string): string | undefined {
  const head = before === '' ? '' : hexGroups(before, false);
  const tail = after === '' ? '' : hexGroups(after, true);
  if (head === undefined || tail === undefined) return undefined;
  const digits = head.length + tail.length;
  return digits > IPV6_BITS_HEX_DIGITS - 4 ? undefined : head.padEnd(IPV6_BITS_HEX_DIGITS - tail.length, '0') + tail;
}

/** Four hex digits for each group; an IPv4 address may stand last in the whole address. */
function hexGroups(text: string, endsAddress: boolean): string | undefined {
  const groups = text.split(':');
  let hex = '';
  for (const [at, group] of groups.entries()) {
    const isLast = endsAddress && at === groups.length - 1;
    const digits = isLast && group.includes('.') ? hexOfIpv4(group) : hexOfGroup(group);
    if (digits === undefined) return undefined;
    hex += digits;
  }
  return hex;
}

function hexOfGroup(group: string): string | undefined {
  return /^[\da-f]{1,4}$/i.test(group) ? group.padStart(4, '0') : undefined;
}

function hexOfIpv4(text: string): string | undefined {
  return ipv4Value(text)?.toString(16).padStart(8, '0');
}

/** An IPv4 value in dotted form. */
export function ipv4Text(value: number): string {
  return `${(value >>> 24) & 255}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** An IPv6 value as RFC 5952 wants it: lower case, no leading zeros, the first longest run of zero groups as `::`. */
export function ipv6Text(value: bigint): string {
  const hex = value.toString(16).padStart(IPV6_BITS_HEX_DIGITS, '0');
  const groups: string[] = [];
  for (let at = 0; at < IPV6_BITS_HEX_DIGITS; at += 4)
    groups.push(Number.parseInt(hex.slice(at, at + 4), 16).toString(16));
  const run = longestZeroRun(groups);
  if (run.length < 2) return groups.join(':');
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [at, group] of groups.entries()) {
    if (group !== '0') start = at + 1;
    else if (at - start + 1 > best.length) best = { start, length: at - start + 1 };
  }
  return best;
}
