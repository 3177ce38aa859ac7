/**
 * What must never stand in a log line, by shape: signed tokens, refresh tokens, API keys, invite codes and links, cookies, bearer values.
 * Each pattern is linear: no nested repetition, no overlap between neighbours.
 */
const SECRET_SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '[token]'],
  [/\bsg(?:r|i|l|_live|_test)_[\w-]{8,}/g, '[secret]'],
  // API keys under a configured prefix: known by their id.
  [/\b[a-z][a-z0-9]{0,15}_(?:live|test)_[0-9A-Za-z]{20}_\w+/g, '[secret]'],
  [/\b[A-Z]{2,8}-[A-Z]{2,16}-[A-Z0-9]{8,32}\b/g, '[invite]'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 [secret]'],
  [/\b((?:__Host-)?(?:token|refresh))=[^;\s"\\]+/g, '$1=[secret]'],
  [/\b(invite|link)=[\w-]{8,}/g, '$1=[secret]'],
];

/** What terminals and line readers obey: C0, DEL, C1, line and paragraph separators, bidi marks. JSON escapes the first only. */
// oxlint-disable-next-line no-control-regex -- They are what it is for.
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** What every secret shape, and everything that a terminal obeys, has somewhere. Most texts have none of it. */
const SUSPICIOUS = /[_=\s\u007f-\uffff]|[\u0000-\u001f]|eyJ|[A-Z]-[A-Z]/; // oxlint-disable-line no-control-regex -- As above.

/** A log line that shows no credential and obeys no terminal: the one way to the log (T25). */
export function redactLine(line: string): string {
  if (!SUSPICIOUS.test(line)) return line;
  const clean = redactSecrets(line);
  // The end of the line is ours.
  return clean.endsWith('\n') ? `${escapeControls(clean.slice(0, -1))}\n` : escapeControls(clean);
}

/** Text without what has the shape of a credential. */
export function redactSecrets(text: string): string {
  return SECRET_SHAPES.reduce((clean, [shape, put]) => clean.replace(shape, put), text);
}

/** Text that no terminal obeys, with what it would obey as `\\u…` (T25). */
export function escapeControls(text: string): string {
  return text.replace(OBEYED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
