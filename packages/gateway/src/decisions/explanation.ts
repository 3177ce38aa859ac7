import type { DecisionRecord } from '@steadygate/core';
import type { Explanation } from '@steadygate/contract';
import type { z } from 'zod';

/** An explanation, and whose it is. */
export type ExplanationView = z.infer<typeof Explanation> & { readonly tenantId: string | null };

/** A decision as `steadygate explain` shows it and the decision file keeps it: ids only, no bodies. */
export function toExplanation(record: DecisionRecord): ExplanationView {
  const { decision } = record;
  return {
    requestId: record.requestId,
    at: record.atMs,
    method: record.method,
    path: record.path,
    route: record.route ?? null,
    outcome: decision.outcome,
    status: record.status,
    code: decision.denial?.code ?? null,
    guard: decision.denial?.guard ?? null,
    tenantId: decision.principal?.tenantId ?? null,
    userId: decision.principal?.userId ?? null,
    role: decision.principal?.role ?? null,
    durationMs: record.durationMs,
    findings: [...decision.findings],
  };
}
