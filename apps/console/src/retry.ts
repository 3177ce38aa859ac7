import { CallError } from './client.ts';

const RETRIES_MAX = 2;

/** Tries again only what may be different the next time: no answer, or the gate's own trouble. */
export function shouldRetry(failures: number, error: unknown): boolean {
  if (failures >= RETRIES_MAX || !(error instanceof CallError)) return false;
  return error.status === 0 || error.status >= 500;
}

/** Half a second, then twice as long each time. */
export function retryDelayMs(failures: number): number {
  return 500 * 2 ** failures;
}
