import { isHostName } from './host-name.ts';
import { legible } from './legible.ts';
import { refanged } from './refang.ts';

// Cheap, and most texts have none of these: a dot within a word, a colon before slashes, a dot in letters, other scripts.
const MAY_HOLD = /[^\s.]\.[^\s.]|\s\.\s?[a-z]|:[/\\]|[tx]ps?:|dot|punkt|punto|point|[^ -~\s]/i;
const RUN = /[\p{L}\p{M}\p{N}.-]+/gu;
const AFTER_CHARS = 8;
const SHOWN_CHARS = 80;

/* What no address goes on behind. */
const END = /[\s"'<>`|,;(){}[\]\u3001-\u303f]/;
/* What a host, or a user before it, goes on with. */
const GOES_ON = /^[/?#\\:@_%~]/;
const HAS_PATH = /^(?:[/?#\\]|:\d)/;
const AUTHORITY = /^:[/\\]{2}/;
/* Browsers open these with fewer slashes, too; `hxxp` and its kind are written so that they do not. */
const WEB_SCHEME = /(?:^|[^a-z])(?:h[tx_]{2}ps?|f[tx]p|wss?)$/i;
const SCHEME = /[a-z][a-z0-9+.-]+$/i;

/**
 * The addresses in a text, at most one more than `most`: with any scheme, without one, in any script, and defanged.
 *
 * What stands in the path or query of an address belongs to it, unless it has a scheme itself. Linear in the text.
 */
export function urlsIn(text: string, most: number): readonly string[] {
  if (!MAY_HOLD.test(text)) return [];
  const plain = refanged(legible(text));
  const found: string[] = [];
  let isWithin = false;
  let end = 0;
  for (const { 0: run, index } of plain.matchAll(RUN)) {
    const gap = plain.slice(end, index);
    const hasScheme = opens(plain.slice(Math.max(0, end - SHOWN_CHARS), end), gap);
    if (isWithin && !hasScheme) isWithin = !END.test(gap);
    const around = {
      before: plain.charAt(index - 1),
      after: plain.slice(index + run.length, index + run.length + AFTER_CHARS),
    };
    if (hasScheme || (!isWithin && isHostName(run, around))) {
      found.push(run.slice(0, SHOWN_CHARS));
      if (found.length > most) return found;
      isWithin = (hasScheme ? GOES_ON : HAS_PATH).test(around.after);
    }
    end = index + run.length;
  }
  return found;
}

/** Whether a scheme and what follows it stand right before a host. */
function opens(before: string, gap: string): boolean {
  if (!gap.startsWith(':')) return false;
  if (AUTHORITY.test(gap)) return !/[\s"'<>`|,;]/.test(gap) && (SCHEME.test(before) || before.endsWith('p'));
  return /^:[/\\]?$/.test(gap) && WEB_SCHEME.test(before);
}
