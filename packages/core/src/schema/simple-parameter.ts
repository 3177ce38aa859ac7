import { percentText } from '../text/strict-text.ts';
import type { ApiParameter } from './api.ts';
import { ABSENT, compoundOf, compoundValue, jsonValue, readOr, type ReadValue, scalarOf } from './read-value.ts';

/** Reads a parameter from one text: a segment of the path, a header or a cookie (RFC 6570 §3.2). */
export function readSimple(parameter: ApiParameter, text: string | undefined): ReadValue {
  if (text === undefined) return ABSENT;
  const bare = withoutPrefix(parameter, text);
  if (bare === undefined) return { kind: 'fault', rule: `is not written in the style ${parameter.style}` };
  // Header fields are not encoded: a `%` there is one.
  const encoded = parameter.place === 'header' ? bare.replaceAll('%', '%25') : bare;
  if (parameter.style === 'json') return jsonValue(percentText(encoded));
  if (compoundOf(parameter.shape) === undefined) {
    const value = percentText(encoded);
    return readOr(value === undefined ? undefined : scalarOf(value, parameter.shape));
  }
  const pieces = encoded === '' ? [] : encoded.split(separator(parameter)).map((piece) => piece.trim());
  return readOr(compoundValue(withoutNames(parameter, pieces), parameter.shape, parameter.explode));
}

function withoutPrefix({ style, name }: ApiParameter, text: string): string | undefined {
  if (style === 'label') return text.startsWith('.') ? text.slice(1) : undefined;
  if (style !== 'matrix') return text;
  return text.startsWith(`;${name}=`) ? text.slice(name.length + 2) : undefined;
}

function separator({ style, explode }: ApiParameter): string {
  if (style === 'label' && explode) return '.';
  return style === 'matrix' && explode ? ';' : ',';
}

/** `;id=3;id=4` names each of its values. */
function withoutNames({ style, name, explode }: ApiParameter, pieces: readonly string[]): readonly string[] {
  if (style !== 'matrix' || !explode) return pieces;
  return pieces.map((piece) => (piece.startsWith(`${name}=`) ? piece.slice(name.length + 1) : piece));
}
