import {
  canonicaliseRequest,
  type CanonicalOptions,
  type CanonicalRequest,
  type ContentOutcome,
  exceptionFor,
  type GateTable,
  inspectContent,
  maskEvidence,
  ProblemError,
  type RouteMatch,
  type RouteWaf,
  waf,
  type WafFinding,
  wafInspector,
} from '@steadygate/core';
import { recordedBody } from '../replay/recorded-body.ts';
import type { RecordedRequest } from '../replay/recorded-request.ts';
import { rawRequestOf } from '../replay/raw-request.ts';

/** What inspection makes of one request, on the route that it matches. */
export interface JudgedContent {
  /** `refused` whatever the route's mode is: in shadow it would be recorded. */
  readonly outcome: 'passed' | 'refused';
  /** The matched route's pattern and how it inspects; absent when none matches. */
  readonly route?: { readonly path: string; readonly config: string; readonly mode: 'enforce' | 'shadow' | 'off' };
  /** Absent where nothing was found; a request that cannot be read has a rule and a field only. */
  readonly finding?: JudgedFinding;
}

/** Why, as `explain` would say it. Evidence is masked. */
export interface JudgedFinding extends Partial<Omit<WafFinding, 'rule' | 'field'>> {
  readonly rule: string;
  readonly field: string;
  /** What would let it pass, to be copied. */
  readonly exception?: string;
}

export type ContentJudge = (request: RecordedRequest) => Promise<JudgedContent>;

/* What a route that says nothing of inspection would do. */
const DEFAULTS: RouteWaf = {
  mode: 'off',
  threshold: 5,
  classThresholds: {},
  fields: [],
  exceptions: [],
  config: 'guards.waf',
};

/** Inspects requests as a configuration would on their routes. Nothing is sent, and no other guard is asked. */
export function contentJudge(table: GateTable, canonical: CanonicalOptions, nowMs: number): ContentJudge {
  const inspector = wafInspector();
  return async (recorded) => {
    const canon = canonicaliseRequest(rawRequestOf(recorded), canonical, `test-${recorded.place}`);
    if (!canon.ok) return refused({ rule: `canonical: ${canon.rule}`, field: canon.field ?? 'head' });
    const match = table.match(canon.request.method, canon.request.path);
    const settings = match?.route.policy.guards.waf ?? DEFAULTS;
    const outcome = await inspectedSafely(() => {
      const bytesMax = match?.route.policy.bodyBytesMax ?? Number.MAX_SAFE_INTEGER;
      const body = recordedBody(recorded.body ?? new Uint8Array(), canon.request.headers, bytesMax);
      return inspectContent(waf(settings, inspector), { request: canon.request, body, nowMs });
    });
    return judged(outcome, { match, mode: settings.mode, request: canon.request });
  };
}

/** What reading a body refuses is a refusal as any other. */
async function inspectedSafely(inspect: () => ContentOutcome | Promise<ContentOutcome>): Promise<ContentOutcome> {
  try {
    return await inspect();
  } catch (cause) {
    if (!(cause instanceof ProblemError)) throw cause;
    return { kind: 'unreadable', code: 'body-invalid', rule: cause.code, field: 'body', detail: '' };
  }
}

interface Judging {
  readonly match: RouteMatch | undefined;
  readonly mode: RouteWaf['mode'];
  readonly request: CanonicalRequest;
}

function judged(outcome: ContentOutcome, { match, mode }: Judging): JudgedContent {
  const policy = match?.route.policy;
  const at = policy === undefined ? {} : { route: { path: policy.path, config: policy.config, mode } };
  if (outcome.kind === 'clean') return { outcome: 'passed', ...at };
  if (outcome.kind === 'unreadable') return { ...refused({ rule: outcome.rule, field: outcome.field }), ...at };
  const { finding } = outcome;
  const exception = exceptionFor(finding, policy?.path ?? '/**');
  return { ...refused({ ...finding, evidence: maskEvidence(finding.evidence), exception }), ...at };
}

function refused(finding: JudgedFinding): JudgedContent {
  return { outcome: 'refused', finding };
}
