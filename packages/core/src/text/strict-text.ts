/**
 * Text without its percent-encoding; undefined when what it encodes is no UTF-8: overlong forms, surrogates and stray
 * octets have several readings. A `%` that encodes nothing stays.
 */
export function percentText(encoded: string): string | undefined {
  if (!encoded.includes('%')) return encoded;
  try {
    return decodeURIComponent(encoded.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
  } catch {
    return undefined;
  }
}

/** The text of octets, one for each character; undefined when they are no UTF-8. */
export function octetText(octets: string): string | undefined {
  return percentText(octets.replaceAll(/[%\u0080-\u00ff]/g, (octet) => `%${hex(octet)}`));
}

function hex(octet: string): string {
  return octet.charCodeAt(0).toString(16).padStart(2, '0');
}

/** How many characters a text has: code points, so that a surrogate pair is one and a letter with its accent may be two. */
export function characterCount(text: string): number {
  let pairs = 0;
  for (let at = 0; at < text.length; at += 1) {
    // The second half of a pair: text that was judged has no halves without the other.
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00) pairs += 1;
  }
  return text.length - pairs;
}
