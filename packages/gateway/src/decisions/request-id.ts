import type { Random } from '@steadygate/core';

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 10;

/** Every two digits: an id is put together from half as many pieces. */
const PAIRS = Array.from({ length: 1024 }, (_, at) => `${BASE32.charAt(at >> 5)}${BASE32.charAt(at & 31)}`);
const LOW_BITS = 30;

/** A fresh request id: `r` + time (50 bits) + 80 random bits, so that the decision of an id is found by its hour. */
export function newRequestId(random: Random, nowMs: number): string {
  const high = Math.floor(nowMs / 2 ** LOW_BITS);
  const low = nowMs % 2 ** LOW_BITS;
  let id = `r${pair(high >> 10)}${pair(high)}${pair(low >> 20)}${pair(low >> 10)}${pair(low)}`;
  const bytes = random.bytes(16);
  for (let at = 0; at < 16; at += 2) id += pair((((bytes[at] ?? 0) & 31) << 5) | ((bytes[at + 1] ?? 0) & 31));
  return id;
}

function pair(bits: number): string {
  return PAIRS[bits & 1023] ?? '';
}

/** When a request id was made; undefined when it is none of ours. */
export function requestIdTimeMs(id: string): number | undefined {
  if (!/^r[0-9a-hjkmnp-tv-z]{26}$/.test(id)) return undefined;
  let timeMs = 0;
  for (const char of id.slice(1, 1 + TIME_CHARS)) timeMs = timeMs * 32 + BASE32.indexOf(char);
  return timeMs;
}
