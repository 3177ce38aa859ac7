import { deny, type DenyVerdict, type Guard, type GuardContext, PASS, type Verdict } from '../guard.ts';
import { firstHeader } from '../header-list.ts';
import type { RouteSchema } from '../policy/policy.ts';
import type { ApiMatch } from '../schema/api.ts';
import { type BodyVerdict, judgeBody, missingBody } from '../schema/judge-body.ts';
import { judgeParameters, type SchemaFault } from '../schema/judge-parameters.ts';
import { isOtherCharset } from '../text/body-kind.ts';

const FAULTS_MAX = 5;
const POINTER_CHARS = 200;

type Matched = Extract<ApiMatch, { kind: 'operation' }>;

/**
 * Lets a request pass only if it matches its operation in the route's API document (SS15).
 *
 * Fails closed. What was judged is what is sent: values are read as the schema wants them, and sent as they came. The caller is
 * told the first few places that do not match, never a value.
 */
export function schemaGuard(settings: RouteSchema): Guard {
  return {
    id: 'schema',
    phase: 'inspect',
    onError: 'deny',
    mode: settings.mode,
    evaluate(ctx) {
      const match = settings.api.find(ctx.request.method, ctx.request.path);
      if (match.kind !== 'operation') return unknown(match, settings, ctx);
      const rules = { allowsUnknown: settings.allowsUnknown, most: FAULTS_MAX };
      const faults = judgeParameters(ctx.request, match, rules);
      if (faults.length > 0) return refused(faults, match, settings);
      if (ctx.request.bodyBytes !== 0) return bodyVerdict(match, settings, ctx);
      const missing = missingBody(match.operation);
      return missing.length === 0 ? PASS : refused(missing, match, settings);
    },
  };
}

/** Traffic that the document does not describe. */
function unknown(match: Exclude<ApiMatch, Matched>, settings: RouteSchema, { request }: GuardContext): Verdict {
  const { config, unmatched } = settings;
  const finding = { rule: match.kind, field: 'path', evidence: `${request.method} in ${settings.api.file}`, config };
  if (unmatched === 'pass') return { ...PASS, noticed: finding };
  const exception = `${config}.unmatched: pass`;
  if (match.kind === 'no path') return deny('not-found', { ...finding, exception });
  return { ...deny('method-refused', { ...finding, exception }), answerHeaders: ['allow', match.methods.join(', ')] };
}

async function bodyVerdict(match: Matched, settings: RouteSchema, ctx: GuardContext): Promise<Verdict> {
  const body = await ctx.body.text();
  // Sent in chunks, and none came.
  const isEmpty = body.text === '';
  if (isEmpty) {
    const missing = missingBody(match.operation);
    return missing.length === 0 ? PASS : refused(missing, match, settings);
  }
  const type = firstHeader(ctx.request.headers, 'content-type') ?? '';
  if (isOtherCharset(type)) return otherType(['a type in UTF-8'], match, settings);
  const rules = { allowsUnknown: settings.allowsUnknown, most: FAULTS_MAX };
  return toVerdict(judgeBody(match.operation, { body, type }, rules), match, settings);
}

function toVerdict(verdict: BodyVerdict, match: Matched, settings: RouteSchema): Verdict {
  switch (verdict.kind) {
    case 'judged':
      return verdict.faults.length === 0 ? PASS : refused(verdict.faults, match, settings);
    case 'type':
      return otherType(verdict.accepted, match, settings);
    case 'malformed':
      return deny('body-invalid', findingOf(`body ${verdict.rule}`, 'body', { match, settings }), {
        detail: `The body is not what its content type says (${verdict.rule}).`,
      });
  }
}

function otherType(accepted: readonly string[], match: Matched, settings: RouteSchema): DenyVerdict {
  const finding = findingOf('content type', 'header:content-type', { match, settings });
  const detail = `${match.operation.name} takes ${accepted.slice(0, FAULTS_MAX).join(', ')}.`;
  return deny('media-type-refused', finding, { detail });
}

function refused(faults: readonly SchemaFault[], match: Matched, settings: RouteSchema): DenyVerdict {
  const errors = faults.map(({ field, pointer, rule }) => ({ field, pointer: pointer.slice(0, POINTER_CHARS), rule }));
  const texts = errors.map(({ field, pointer, rule }) => `${field}${pointer === '' ? '' : ` ${pointer}`} ${rule}`);
  const [first = ''] = texts;
  const finding = {
    ...findingOf(match.operation.name, errors[0]?.field ?? 'body', { match, settings }),
    evidence: texts.join('; ').slice(0, 500),
  };
  return deny('schema-refused', finding, { detail: `${first}.`, errors });
}

function findingOf(rule: string, field: string, { match, settings }: { match: Matched; settings: RouteSchema }) {
  const { operation } = match;
  return { rule: `${rule} (${operation.config})`, field, config: settings.config };
}
