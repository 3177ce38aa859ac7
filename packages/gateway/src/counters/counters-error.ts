import type { Unavailability } from '@steadygate/core';

/** The counters cannot be asked. The message holds no address and no password; callers of the gate get `unavailable`. */
export class CountersError extends Error implements Unavailability {
  readonly isUnavailability = true;
  /** True when waiting does not help: what is configured was refused. */
  readonly isRefusal: boolean;

  constructor(message: string, options: { readonly isRefusal: boolean }) {
    super(message);
    this.name = 'CountersError';
    this.isRefusal = options.isRefusal;
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  WRONGPASS: 'it does not accept the user name or password (WRONGPASS)',
  NOAUTH: 'it wants a password (NOAUTH)',
  NOPERM: 'its user may not run scripts, GET, SET and DEL on these keys (NOPERM)',
  WRONGTYPE: 'its keys under this prefix hold something else (WRONGTYPE)',
};

/** Codes of a server that is away, or busy starting. Whatever is not among them does not go away by waiting. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'LOADING',
  'BUSY',
  'READONLY',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'OOM',
  'MISCONF',
]);

/**
 * What a failure of the client means.
 *
 * Only its code is kept: the client's errors carry the command that failed, `AUTH` with its password among them, and a server may
 * repeat it in its message.
 */
export function countersError(cause: unknown): CountersError {
  if (cause instanceof CountersError) return cause;
  const code = codeOf(cause);
  const refusal = code === undefined ? undefined : (REFUSALS[code] ?? unknownRefusal(code));
  if (refusal !== undefined) return new CountersError(`Redis refused: ${refusal}.`, { isRefusal: true });
  return new CountersError(`Redis does not answer${code === undefined ? '' : ` (${code})`}.`, { isRefusal: false });
}

function unknownRefusal(code: string): string | undefined {
  return PASSING.has(code) ? undefined : code;
}

/** Of the system or of TLS, else the first word of what the server said. */
function codeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return /^(?:Ready check failed: )?(-?[A-Z]{3,20})\b/.exec(cause.message)?.[1];
}
