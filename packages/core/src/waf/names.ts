/** Plain words are names and nothing else. */
export function isNameWorth(name: string): boolean {
  if (name.length > 24) return true;
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at) | 0x20;
    const isPlain = (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d;
    if (!isPlain) return true;
  }
  return false;
}
