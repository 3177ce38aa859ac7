import type { Random } from '@steadygate/core';

const BASE32 = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 10;

/** A fresh request id: `r` + time (50 bits) + 80 random bits, so that the decision of an id is found by its hour. */
export function newRequestId(random: Random, nowMs: number): string {
  let id = '';
  for (let rest = nowMs, at = 0; at < TIME_CHARS; at += 1) {
    id = BASE32.charAt(rest % 32) + id;
    rest = Math.floor(rest / 32);
  }
  for (const byte of random.bytes(16)) id += BASE32.charAt(byte & 31);
  return `r${id}`;
}

/** When a request id was made; undefined when it is none of ours. */
export function requestIdTimeMs(id: string): number | undefined {
  if (!/^r[0-9a-hjkmnp-tv-z]{26}$/.test(id)) return undefined;
  let timeMs = 0;
  for (const char of id.slice(1, 1 + TIME_CHARS)) timeMs = timeMs * 32 + BASE32.indexOf(char);
  return timeMs;
}
