import type { Alert } from '@steadygate/core';

/** A change of what is in service. */
export interface UpstreamEvent {
  readonly upstream: string;
  /** Origin of the target; undefined: the upstream as a whole. */
  readonly target: string | undefined;
  readonly kind: 'down' | 'up' | 'ejected' | 'returned' | 'breakerOpened' | 'breakerClosed';
  /** Plain words, without anything that a target sent. */
  readonly reason: string;
}

const DOWN: ReadonlySet<UpstreamEvent['kind']> = new Set(['down', 'ejected', 'breakerOpened']);

const WORDS: Readonly<Record<UpstreamEvent['kind'], string>> = {
  down: 'is down',
  up: 'is up',
  ejected: 'is left out',
  returned: 'is asked again',
  breakerOpened: 'is not asked at all',
  breakerClosed: 'is asked again',
};

/** What an operator is told of a change. */
export function upstreamAlert({ upstream, target, kind, reason }: UpstreamEvent): Alert {
  const who = target === undefined ? `Upstream ${upstream}` : `Target ${target} of upstream ${upstream}`;
  const message = `${who} ${WORDS[kind]}: ${reason}.`;
  return { kind: DOWN.has(kind) ? 'upstream-down' : 'upstream-up', requestId: undefined, message };
}
