const LOOKED_AT_MAX = 512;
const SHOWN_MAX = 64;

/**
 * Makes text from a request fit to be shown as evidence: credentials, e-mail addresses and digits are masked, control
 * and direction characters are escaped, and at most 64 characters remain.
 */
export function maskEvidence(text: string): string {
  const start = text.length > LOOKED_AT_MAX ? wholeWords(text) : text;
  const shown = escapeInvisible(maskPersonal(maskSecrets(start)));
  if (start.length === text.length && shown.length <= SHOWN_MAX) return shown;
  return `${shown.slice(0, SHOWN_MAX - 1)}…`;
}

/** A secret cut in two would no longer be recognised: its first half goes too. */
function wholeWords(text: string): string {
  return text.slice(0, LOOKED_AT_MAX).replace(/[\w.~+/=-]*$/, '');
}

function maskSecrets(text: string): string {
  return text
    .replaceAll(/\b(bearer|basic)\s+[^\s,;]+/gi, '$1 [token]')
    .replaceAll(/\b(token|key|secret|password|code|invite)=[^\s&;]+/gi, '$1=[token]')
    .replaceAll(/\b[A-Z]{2,}-[A-Z]+-[A-Z0-9]{6,}\b/gi, '[invite]')
    .replaceAll(/\b(?:sg|sk|pk|gh[pousr]|xox[abp])[_-][\w-]{6,}/gi, '[token]')
    .replaceAll(/[\w+=-]{24,}(?:\.[\w+=-]+)*/g, maskUnlessWords);
}

/** Hex and base64 have digits or mixed case; `a-long-name-in-plain-words` has neither. */
function maskUnlessWords(run: string): string {
  return /^[a-z_-]+$/.test(run) ? run : '[token]';
}

function maskPersonal(text: string): string {
  return text.replaceAll(/[\w.%+-]{1,64}@[\w.-]{1,255}/g, '[email]').replaceAll(/\p{Nd}/gu, '#');
}

/** Escapes what would move a terminal's cursor, break a log line or turn the reading direction (T25). */
function escapeInvisible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    return `\\u{${Number(character.codePointAt(0)).toString(16)}}`;
  });
}
