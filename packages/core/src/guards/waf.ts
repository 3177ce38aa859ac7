import { deny, type DenyVerdict, type Guard, type GuardContext, PASS, type Verdict } from '../guard.ts';
import { firstHeader } from '../header-list.ts';
import { maskEvidence } from '../mask.ts';
import type { RouteWaf } from '../policy/policy.ts';
import type { ValueInspector } from '../waf/inspect-value.ts';
import { type Waf, waf, type WafFinding } from '../waf/waf.ts';

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
      const found = inspect.head(ctx.request, ctx.nowMs);
      if (found !== undefined) return refused(found, settings, ctx);
      const hasBody = ctx.request.bodyBytes !== 0 && ctx.request.upgrade === undefined;
      return hasBody ? bodyVerdict(inspect, settings, ctx) : PASS;
    },
  };
}

async function bodyVerdict(inspect: Waf, settings: RouteWaf, ctx: GuardContext): Promise<Verdict> {
  const { text, isUtf8 } = await ctx.body.text();
  const type = firstHeader(ctx.request.headers, 'content-type') ?? '';
  const charset = /;\s{0,8}charset\s?=\s?["']?([\w.:-]{1,64})/i.exec(type)?.[1];
  if (charset !== undefined && !/^(?:utf-?8|us-ascii|iso-8859-1|windows-1252|latin1)$/i.test(charset)) {
    // Read here as UTF-8 and behind as UTF-7 or UTF-16, one body would say two things.
    return deny(
      'media-type-refused',
      { rule: 'charset', field: 'header:content-type' },
      { detail: 'Send text in UTF-8.' },
    );
  }
  if (!isUtf8 && /\bjson\b/i.test(type)) return malformed('JSON: not UTF-8');
  const result = inspect.body({ text, type }, ctx.nowMs);
  if (result.kind === 'attack') return refused(result.finding, settings, ctx);
  return result.kind === 'clean' ? PASS : malformed(result.rule);
}

function malformed(rule: string): DenyVerdict {
  return deny('body-invalid', { rule, field: 'body' }, { detail: 'The body is not what its content type says.' });
}

function refused(found: WafFinding, { config }: RouteWaf, { match }: GuardContext): DenyVerdict {
  const { rule, cls, reason, field, evidence, score, threshold, profile } = found;
  const { path } = match.route.policy;
  const refusal = deny('content-refused', {
    rule,
    field,
    evidence: `${cls}: ${reason} (${score} of ${threshold}, read as ${profile}): ${maskEvidence(evidence)}`,
    config,
    exception: `guards.waf.exceptions: [{ rule: ${rule}, route: "${path}", field: "${field}", reason: "…" }]`,
  });
  return { ...refusal, violation: 'attack' };
}
