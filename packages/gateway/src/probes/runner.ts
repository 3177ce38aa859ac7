import type { ControlView } from '@steadygate/contract';
import type { Claim } from '@steadygate/core';
import type { z } from 'zod';
import type { Probe, ProbeContext, ProbeResult } from './probe.ts';
import { unenforced } from './routes.ts';

/** How long probes may take. */
export interface ProbeTimes {
  readonly eachMs: number;
  /** All of them together: credentials of probes live no longer (T23). */
  readonly allMs: number;
}

export type ControlState = z.infer<typeof ControlView>;

interface Checked extends ProbeResult {
  readonly checkedAtMs: number;
}

/**
 * Runs probes one after the other and says of each claim what was seen.
 *
 * Never throws: a probe that could not finish proves nothing, and a claim that nobody looked at is stale.
 */
export async function runProbes(
  ctx: ProbeContext,
  {
    claims,
    probes,
    times,
  }: { readonly claims: readonly Claim[]; readonly probes: readonly Probe[]; readonly times: ProbeTimes },
): Promise<readonly ControlState[]> {
  const endMs = ctx.nowMs() + times.allMs;
  const checked = new Map<string, Checked>();
  for (const one of probes) {
    const leftMs = endMs - ctx.nowMs();
    if (leftMs <= 0) break;
    const result = await runOne(one, ctx, Math.min(times.eachMs, leftMs));
    checked.set(one.control, { ...result, checkedAtMs: ctx.nowMs() });
  }
  return claims.map((claim) => toControl(claim, checked.get(claim.id)));
}

async function runOne(one: Probe, ctx: ProbeContext, ms: number): Promise<ProbeResult> {
  let timer: NodeJS.Timeout | undefined;
  try {
    // T23: what only watches proves nothing.
    const [loose] = unenforced(ctx.running.generation(), one.guards);
    if (loose !== undefined) return { state: 'failing', detail: `Not enforced: ${loose}.` };
    const late = new Promise<ProbeResult>((resolve) => {
      timer = setTimeout(() => resolve({ state: 'failing', detail: `The probe did not finish within ${ms} ms.` }), ms);
    });
    return await Promise.race([one.run(ctx), late]);
  } catch (cause) {
    return { state: 'failing', detail: `The probe could not finish: ${reasonOf(cause)}.` };
  } finally {
    clearTimeout(timer);
  }
}

/** A system's code where there is one: messages may hold paths and addresses. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'a bug';
  return 'code' in cause ? String(cause.code) : cause.message;
}

function toControl({ id, claim, area, asvs, soc2 }: Claim, result: Checked | undefined): ControlState {
  return {
    id,
    claim,
    area,
    state: result?.state ?? 'stale',
    checkedAt: result?.checkedAtMs ?? null,
    detail: result?.detail ?? 'Nobody looked: the probe did not run in time.',
    asvs: [...asvs],
    soc2: [...soc2],
  };
}
