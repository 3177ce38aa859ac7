import { CallError } from './client.ts';

/** True for the failure of a call that nobody is signed in for any more. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof CallError && error.status === 401;
}
