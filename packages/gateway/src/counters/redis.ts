import { type BucketStore, gcraTake, type Rate, type StrikeCounter, type Taken } from '@steadygate/core';
import type { Redis } from 'iovalkey';
import { CountersError, countersError } from './counters-error.ts';
import { FORGET, GIVE_BACK, type RedisScript, STRIKE, TAKE } from './redis-scripts.ts';

/** As core counts: times in steps of 2⁻¹⁰ ms are whole numbers, exact in a double. */
const STEPS_PER_MS = 1024;

/** The part of a client that counting needs. */
export type RedisClient = Pick<Redis, 'evalsha' | 'eval' | 'status' | 'stream'>;

/**
 * Counts in Redis or Valkey, exactly, for all instances that share a server and a prefix.
 *
 * One key and one script a call, so a call is atomic, and any slot of a cluster will do. Instances whose clocks differ admit at most
 * what the rate gives for the difference, once. A take that gets no answer in time rejects with `CountersError`: nothing is granted
 * unseen. Giving back never rejects: it must not undo what succeeded, and its loss costs one attempt.
 */
export function redisBuckets(client: RedisClient, prefix: string): BucketStore {
  const run = running(client, prefix);
  return {
    async take(key, rate, nowMs) {
      const { now, interval, burst } = inSteps(rate, nowMs);
      const answer = await run(TAKE, key, [now, interval, burst]).catch(failed);
      return takenOf(answer, { interval, burst });
    },
    async giveBack(key, rate, nowMs) {
      const { now, interval } = inSteps(rate, nowMs);
      await run(GIVE_BACK, key, [now, interval]).catch(countersError);
    },
  };
}

/** Counts strikes in the same server, under the same prefix: violations on any instance add up (WK3). */
export function redisStrikes(client: RedisClient, prefix: string): StrikeCounter {
  const run = running(client, prefix);
  return {
    async strike(key, { amount, perMs }, nowMs) {
      const answer = await run(STRIKE, `strikes|${key}`, [Math.round(nowMs), perMs, amount]).catch(failed);
      return answer === 1;
    },
    async forget(key) {
      await run(FORGET, `strikes|${key}`, []).catch(countersError);
    },
  };
}

/** Runs a script on one key. @throws Error what the client says */
function running(client: RedisClient, prefix: string) {
  const flush = flushing(client);
  return async (script: RedisScript, key: string, numbers: readonly number[]): Promise<unknown> => {
    // At once: what waits for a lost server waits in vain, and in memory.
    if (client.status !== 'ready') throw new CountersError('Redis is not connected.', { isRefusal: false });
    flush();
    const name = `${prefix}{${key}}`;
    try {
      return await client.evalsha(script.sha, 1, name, ...numbers);
    } catch (cause) {
      // A server that was restarted knows no scripts.
      if (!(cause instanceof Error && cause.message.startsWith('NOSCRIPT'))) throw cause;
      return await client.eval(script.text, 1, name, ...numbers);
    }
  };
}

function failed(cause: unknown): never {
  throw countersError(cause);
}

function inSteps(rate: Rate, nowMs: number): { now: number; interval: number; burst: number } {
  // What the first take of all moves a budget by is its interval, rounded as core rounds it.
  const interval = gcraTake(undefined, rate, 0).tatMs * STEPS_PER_MS;
  return { now: Math.round(nowMs * STEPS_PER_MS), interval, burst: interval * rate.amount };
}

function takenOf(answer: unknown, { interval, burst }: { interval: number; burst: number }): Taken {
  const [isGranted, ahead] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
  if (typeof isGranted !== 'number' || typeof ahead !== 'number') {
    throw new CountersError('Redis answered something else than a count.', { isRefusal: true });
  }
  const resetMs = Math.ceil(ahead / STEPS_PER_MS);
  if (isGranted === 1) return { waitMs: 0, remaining: Math.floor((burst - ahead) / interval), resetMs };
  return { waitMs: Math.ceil((ahead + interval - burst) / STEPS_PER_MS), remaining: 0, resetMs };
}

/**
 * Sends what is asked in one turn of the event loop in one write.
 *
 * The client's own pipelining waits for one batch before it sends the next, and costs three times the CPU.
 */
function flushing(client: RedisClient): () => void {
  let isCorked = false;
  return () => {
    if (isCorked) return;
    // Kept: the client has another one after a reconnect.
    const { stream } = client;
    isCorked = true;
    stream.cork();
    setImmediate(() => {
      isCorked = false;
      stream.uncork();
    });
  };
}
