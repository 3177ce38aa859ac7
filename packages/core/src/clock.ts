/** The only source of time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}
