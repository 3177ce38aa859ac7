import type { Decision, DecisionRecord } from '@steadygate/core';
import type { Explanation } from '@steadygate/contract';
import type { z } from 'zod';

/** An explanation, and whose it is. */
export type ExplanationView = z.infer<typeof Explanation> & { readonly tenantId: string | null };

/** A decision as `steadygate explain` shows it and the decision file keeps it: ids only, no bodies. */
export function toExplanation(record: DecisionRecord): ExplanationView {
  const { decision } = record;
  return {
    ...whoAsked(decision),
    ...whoRefused(decision),
    requestId: record.requestId,
    at: record.atMs,
    method: record.method,
    path: record.path,
    route: record.route ?? null,
    outcome: decision.outcome,
    status: record.status,
    durationMs: record.durationMs,
    findings: [...decision.findings],
  };
}

function whoAsked({ principal }: Decision): Pick<ExplanationView, 'tenantId' | 'userId' | 'role'> {
  if (principal === undefined) return { tenantId: null, userId: null, role: null };
  const { tenantId, userId, role } = principal;
  return { tenantId, userId, role };
}

function whoRefused({ denial }: Decision): Pick<ExplanationView, 'code' | 'guard'> {
  return denial === undefined ? { code: null, guard: null } : { code: denial.code, guard: denial.guard };
}
