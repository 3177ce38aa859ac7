import { entitiesDecoded, escapesDecoded, utf7Decoded } from './escapes.ts';
import { percentDecoded } from './percent.ts';
import { BIT, textBits } from './text-bits.ts';

const ROUNDS_MAX = 8;
const DECODABLE = BIT.percent | BIT.backslash | BIT.ampersand;

/**
 * Undoes percent-encoding, `\u` and `\x` escapes, character references and UTF-7 until nothing changes, a bounded
 * number of times: what some server behind the gate could make of the text.
 */
export function decoded(text: string, bits: number): { readonly text: string; readonly bits: number } {
  let current = { text, bits };
  for (let round = 0; round < ROUNDS_MAX && isDecodable(current.bits, current.text); round += 1) {
    const next = once(current.text, current.bits);
    if (next === current.text) break;
    current = { text: next, bits: textBits(next) };
  }
  return current;
}

function isDecodable(bits: number, text: string): boolean {
  return (bits & DECODABLE) !== 0 || ((bits & BIT.plus) !== 0 && text.includes('+A'));
}

function once(text: string, bits: number): string {
  let next = text;
  if ((bits & BIT.percent) !== 0) next = percentDecoded(next);
  if ((bits & BIT.backslash) !== 0) next = escapesDecoded(next);
  if ((bits & BIT.ampersand) !== 0) next = entitiesDecoded(next);
  return (bits & BIT.plus) === 0 ? next : utf7Decoded(next);
}
