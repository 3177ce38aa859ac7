import { percentText } from '../text/strict-text.ts';
import { cut } from './read-value.ts';

/** One `name=value` of a query or form. */
export interface Pair {
  /** Decoded; undefined when it is no UTF-8. */
  readonly name: string | undefined;
  /** As it was sent, with blanks for `+`. */
  readonly raw: string;
}

/** The pairs of a query or form, in order. */
export function pairsIn(text: string): readonly Pair[] {
  return text
    .split('&')
    .filter((piece) => piece !== '')
    .map((piece) => {
      const [name, raw] = cut(piece.replaceAll('+', '%20'), '=');
      return { name: percentText(name), raw };
    });
}

/** The value of a pair, decoded. */
export function valueOf({ raw }: Pair): string | undefined {
  return percentText(raw);
}
