/** The only source of chance. */
export interface Random {
  /** `count` bytes from a cryptographically secure generator. */
  bytes(count: number): Uint8Array;
  /** A fresh id of 128 random bits, URL-safe, never reused. */
  id(): string;
}
