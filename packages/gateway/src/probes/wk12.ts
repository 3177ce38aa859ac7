import { randomBytes } from 'node:crypto';
import type { BucketStore } from '@steadygate/core';
import { demand, probe } from './probe.ts';

const RATE = { amount: 40, perMs: 900_000 };

/** Takes one budget at two counters at once: this gate's, and one opened as another instance would. */
export const wk12 = probe('WK12', [], async ({ running, nowMs }) => {
  const { counters, others } = running.instances;
  if (!counters.isShared) {
    const { length } = await others();
    demand(length === 0, `${length + 1} instances serve, and each counts limits for itself: set counters.kind: redis.`);
    return `One process serves and counts alone: ${await admitted([counters.buckets], nowMs())} of ${2 * RATE.amount} at once.`;
  }
  const another = await counters.another();
  try {
    const count = await admitted([counters.buckets, another.buckets], nowMs());
    return `Through two connections ${count} of ${2 * RATE.amount} at once were granted, as many as the limit allows.`;
  } finally {
    another.close();
  }
});

/** @throws Disproof when others than the limit were granted */
async function admitted(all: readonly BucketStore[], nowMs: number): Promise<number> {
  const key = `probe|${randomBytes(12).toString('hex')}`;
  const each = Array.from({ length: (2 * RATE.amount) / all.length });
  // In turn, as callers come to instances behind a balancer.
  const takes = each.flatMap(() => all.map(async (buckets) => buckets.take(key, RATE, nowMs)));
  const count = (await Promise.all(takes)).filter(({ waitMs }) => waitMs === 0).length;
  demand(count === RATE.amount, `Of one budget ${RATE.amount} may be granted; ${count} were.`);
  return count;
}
