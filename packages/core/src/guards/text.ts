import { deny, type DenyVerdict, type Guard, type GuardContext, PASS, type Verdict } from '../guard.ts';
import { firstHeader } from '../header-list.ts';
import { maskEvidence } from '../mask.ts';
import type { RouteText } from '../policy/policy.ts';
import type { ProblemFacts } from '../problem.ts';
import type { BodyText } from '../request.ts';
import { type BodyKind, bodyKindOf, isOtherCharset } from '../text/body-kind.ts';
import { visitBodyTexts, visitPairTexts } from '../text/text-fields.ts';
import { fieldChoice, type TextExcess, type TextTally, textTally } from '../text/text-policy.ts';

const FIELD_CHARS = 200;

/**
 * Refuses texts that are not valid UTF-8, are longer than they may be, or hold more addresses and telephone numbers (WK3, WK4).
 *
 * Fails closed. The caller is told field and limit. What is written in ways that readers take differently is refused
 * everywhere; limits hold for the chosen fields.
 */
export function textGuard(settings: RouteText): Guard {
  const isChosen = fieldChoice(settings.fields);
  return {
    id: 'text',
    phase: 'inspect',
    onError: 'deny',
    mode: settings.mode,
    evaluate(ctx) {
      const tally = textTally(limitsFor(settings, ctx), isChosen);
      const excess = firstExcess(tally, (visit) => visitPairTexts(ctx.request.query, 'query', visit));
      if (excess !== undefined) return refused(excess, settings, ctx);
      const hasBody = ctx.request.bodyBytes !== 0 && ctx.request.upgrade === undefined;
      return hasBody ? bodyVerdict(tally, settings, ctx) : PASS;
    },
  };
}

function limitsFor({ limits, tenants }: RouteText, { principal }: GuardContext): RouteText['limits'] {
  const tenantId = principal?.tenantId ?? '';
  return (Object.hasOwn(tenants, tenantId) ? tenants[tenantId] : undefined) ?? limits;
}

type Reader = (visit: Parameters<typeof visitPairTexts>[2]) => unknown;

function firstExcess(tally: TextTally, read: Reader): TextExcess | undefined {
  let excess: TextExcess | undefined;
  read((field) => {
    excess = tally.add(field);
    return excess !== undefined;
  });
  return excess;
}

async function bodyVerdict(tally: TextTally, settings: RouteText, ctx: GuardContext): Promise<Verdict> {
  const kind = bodyKindOf(firstHeader(ctx.request.headers, 'content-type') ?? '');
  if (kind.kind === 'binary') return PASS;
  if (isOtherCharset(kind.type)) {
    const finding = { rule: 'charset', field: 'header:content-type', config: settings.config };
    return deny('media-type-refused', finding, { detail: 'Send text in UTF-8.' });
  }
  return contentVerdict(tally, await ctx.body.text(), { kind, settings, ctx });
}

interface Asked {
  readonly kind: BodyKind;
  readonly settings: RouteText;
  readonly ctx: GuardContext;
}

function contentVerdict(tally: TextTally, body: BodyText, { kind, settings, ctx }: Asked): Verdict {
  // Files among the parts of a form need not be text; its values are judged one by one.
  if (!body.isUtf8 && kind.kind !== 'multipart') return refused({ kind: 'not UTF-8', field: 'body' }, settings, ctx);
  let rule: string | undefined;
  const excess = firstExcess(tally, (visit) => {
    const outcome = visitBodyTexts(body, kind, visit);
    rule = typeof outcome === 'object' ? outcome.rule : undefined;
  });
  if (excess !== undefined) return refused(excess, settings, ctx);
  if (rule === undefined) return PASS;
  const facts = { detail: `The body is not what its content type says (${rule}).` };
  return deny('body-invalid', { rule, field: 'body', config: settings.config }, facts);
}

function refused(excess: TextExcess, settings: RouteText, { match }: GuardContext): DenyVerdict {
  const violation = settings.onExcess === 'violation' ? 'text' : undefined;
  const { config } = settings;
  const field = excess.field.slice(0, FIELD_CHARS);
  if (!('max' in excess)) {
    const detail = `${field} ${excess.kind === 'NUL' ? 'holds a NUL character' : 'is not valid UTF-8'}.`;
    const code = field.startsWith('query') ? 'input-invalid' : 'body-invalid';
    return { ...deny(code, { rule: excess.kind, field, config }, { detail }), violation };
  }
  const { kind, max, count, found } = excess;
  const evidence =
    found.length === 0 ? `${count} characters` : `${count}: ${found.slice(0, 6).map(maskEvidence).join(', ')}`;
  const exception = `${match.route.policy.config}.guards.text: { ${kind}: ${count} }`;
  const finding = { rule: `${kind} ${max}`, field, evidence: evidence.slice(0, 500), config, exception };
  return { ...deny('text-refused', finding, factsOf(kind, field, max)), violation };
}

const WORDS = { charactersMax: 'characters', urlsMax: 'web addresses', phonesMax: 'telephone numbers' } as const;

function factsOf(kind: keyof typeof WORDS, field: string, max: number): ProblemFacts {
  const where = kind === 'charactersMax' ? `${field} may have` : `A request may hold`;
  return { detail: `${where} at most ${max} ${WORDS[kind]}.`, limit: { name: kind, max, field } };
}
