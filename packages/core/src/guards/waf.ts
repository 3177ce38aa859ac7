import { deny, type DenyVerdict, type Guard, type GuardContext, PASS, type Verdict } from '../guard.ts';
import { firstHeader } from '../header-list.ts';
import { maskEvidence } from '../mask.ts';
import type { RouteWaf } from '../policy/policy.ts';
import type { ValueInspector } from '../waf/inspect-value.ts';
import { type Waf, waf, type WafFinding } from '../waf/waf.ts';

/** What inspection of a whole request came to. `unreadable` is refused: what cannot be read here may be read differently behind. */
export type ContentOutcome =
  | { readonly kind: 'clean' }
  | { readonly kind: 'attack'; readonly finding: WafFinding }
  | {
      readonly kind: 'unreadable';
      readonly code: 'media-type-refused' | 'body-invalid';
      readonly rule: string;
      readonly field: string;
      readonly detail: string;
    };

const CLEAN: ContentOutcome = { kind: 'clean' };

/**
 * Inspects head and body of a request. Stays synchronous without a body.
 *
 * @throws ProblemError what reading the body throws
 */
export function inspectContent(
  inspect: Waf,
  { request, body, nowMs }: Pick<GuardContext, 'request' | 'body' | 'nowMs'>,
): ContentOutcome | Promise<ContentOutcome> {
  const finding = inspect.head(request, nowMs);
  if (finding !== undefined) return { kind: 'attack', finding };
  const hasBody = request.bodyBytes !== 0 && request.upgrade === undefined;
  return hasBody ? inspectBody(inspect, { request, body, nowMs }) : CLEAN;
}

async function inspectBody(
  inspect: Waf,
  { request, body, nowMs }: Pick<GuardContext, 'request' | 'body' | 'nowMs'>,
): Promise<ContentOutcome> {
  const { text, isUtf8 } = await body.text();
  const type = firstHeader(request.headers, 'content-type') ?? '';
  const charset = /;\s{0,8}charset\s?=\s?["']?([\w.:-]{1,64})/i.exec(type)?.[1];
  if (charset !== undefined && !/^(?:utf-?8|us-ascii|iso-8859-1|windows-1252|latin1)$/i.test(charset)) {
    // Read here as UTF-8 and behind as UTF-7 or UTF-16, one body would say two things.
    const field = 'header:content-type';
    return { kind: 'unreadable', code: 'media-type-refused', rule: 'charset', field, detail: 'Send text in UTF-8.' };
  }
  if (!isUtf8 && /\bjson\b/i.test(type)) return malformed('JSON: not UTF-8');
  const result = inspect.body({ text, type }, nowMs);
  return result.kind === 'malformed' ? malformed(result.rule) : result;
}

function malformed(rule: string): ContentOutcome {
  const detail = 'The body is not what its content type says.';
  return { kind: 'unreadable', code: 'body-invalid', rule, field: 'body', detail };
}

/**
 * Refuses requests that carry an attack, in whatever field and however encoded (WK15).
 *
 * Fails closed: a rule that throws refuses the request. The caller is told nothing but that the content was refused.
 */
export function wafGuard(settings: RouteWaf, inspector: ValueInspector): Guard {
  const inspect = waf(settings, inspector);
  return {
    id: 'waf',
    phase: 'inspect',
    onError: 'deny',
    mode: settings.mode,
    evaluate(ctx) {
      const outcome = inspectContent(inspect, ctx);
      if (!(outcome instanceof Promise)) return verdict(outcome, settings, ctx);
      return outcome.then((read) => verdict(read, settings, ctx));
    },
  };
}

function verdict(outcome: ContentOutcome, settings: RouteWaf, ctx: GuardContext): Verdict {
  if (outcome.kind === 'clean') return PASS;
  if (outcome.kind === 'attack') return refused(outcome.finding, settings, ctx);
  const { code, rule, field, detail } = outcome;
  return deny(code, { rule, field }, { detail });
}

function refused(found: WafFinding, { config }: RouteWaf, { match }: GuardContext): DenyVerdict {
  const { rule, cls, reason, field, evidence, score, threshold, profile } = found;
  const refusal = deny('content-refused', {
    rule,
    field,
    evidence: `${cls}: ${reason} (${score} of ${threshold}, read as ${profile}): ${maskEvidence(evidence)}`,
    config,
    exception: exceptionFor(found, match.route.policy.path),
  });
  return { ...refusal, violation: 'attack' };
}

/** The setting that would let what was found pass on a route, to be copied. */
export function exceptionFor({ rule, field }: Pick<WafFinding, 'rule' | 'field'>, route: string): string {
  return `guards.waf.exceptions: [{ rule: ${rule}, route: "${route}", field: "${field}", reason: "…" }]`;
}
