/** Why a key cannot be used. */
export type KeyErrorCode = 'kek-missing' | 'kek-malformed' | 'kek-exposed' | 'kek-unwritable' | 'seal-broken';

/** A failure of key material. Messages name places, never values. */
export class KeyError extends Error {
  readonly code: KeyErrorCode;

  constructor(code: KeyErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'KeyError';
    this.code = code;
  }
}
