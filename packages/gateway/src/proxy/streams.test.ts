import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Principal } from '@steadygate/core';
import type { Generation } from './generation.ts';
import { type OpenStream, type StreamEnd, Streams } from './streams.ts';

const NOW = 1_800_000_000_000;
// Only its identity is looked at.
const GENERATION = {} as Generation;

let streams: Streams;
let ends: Map<string, number>;
let isLost: boolean;
const closed: string[] = [];

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  closed.length = 0;
  ends = new Map();
  isLost = false;
  streams = new Streams({
    nowMs: () => Date.now(),
    current: () => GENERATION,
    credentialEndMs: async ({ credential }) => {
      if (isLost) throw new Error('lost');
      return ends.get(credential.id) ?? 0;
    },
  });
});

afterEach(() => {
  streams.stop();
  vi.useRealTimers();
});

/** Opens a stream of a session; `isAllowed` is what a new look at its route and owners says. */
function open(sessionId: string | undefined, isAllowed = true): void {
  const credential = { kind: 'session', id: sessionId, expiresAtMs: Number.POSITIVE_INFINITY };
  // What the registry reads of a principal.
  const principal = sessionId === undefined ? undefined : ({ tenantId: 'default', credential } as unknown as Principal);
  const stream: OpenStream = {
    kind: 'stream',
    principal,
    objects: () => [],
    generation: GENERATION,
    reauthorise: () => isAllowed,
    close: (end: StreamEnd) => void closed.push(`${sessionId} ${end}`),
  };
  streams.add(stream);
}

describe('T11: when nobody knows what happened meanwhile', () => {
  it('streams of ended sessions and of lost objects close, the others go on', async () => {
    ends
      .set('alive', Number.POSITIVE_INFINITY)
      .set('over', 0)
      .set('robbed', NOW + 1_000_000);
    open('alive');
    open('over');
    open('robbed', false);
    open(undefined);
    await streams.revalidate();
    expect(closed.toSorted()).toEqual(['over session-ended', 'robbed route-changed']);
  });

  it('streams of a key that was rotated meanwhile close when its overlap is over', async () => {
    ends.set('rotated', NOW + 10_000);
    open('rotated');
    await streams.revalidate();
    await vi.advanceTimersByTimeAsync(9_900);
    expect(closed).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    expect(closed).toEqual(['rotated session-ended']);
  });

  it('a stream is asked for, too, that was admitted before and opens after', async () => {
    ends.set('alive', Number.POSITIVE_INFINITY);
    await streams.revalidate();
    open('over');
    open('alive');
    await vi.advanceTimersByTimeAsync(0);
    expect(closed).toEqual(['over session-ended']);
    await vi.advanceTimersByTimeAsync(600_000);
    open('later');
    await vi.advanceTimersByTimeAsync(0);
    expect(closed).toEqual(['over session-ended']);
  });

  it('says that it could not, and a stream that opens meanwhile is closed', async () => {
    ends.set('alive', Number.POSITIVE_INFINITY);
    open('alive');
    isLost = true;
    await expect(streams.revalidate()).rejects.toThrow('lost');
    expect(closed).toEqual([]);
    open('alive');
    await vi.advanceTimersByTimeAsync(0);
    expect(closed).toEqual(['alive stale']);
  });
});
