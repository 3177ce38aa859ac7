import type { CanonicalRequest } from '../request.ts';
import { isForBrowsers, isLocalService } from './address-fields.ts';
import { type BodyOutcome, visitBody } from './body-fields.ts';
import type { Field, FieldVisitor } from './field.ts';
import { profileOfField } from './field-profile.ts';
import { fieldPattern, type FieldPattern } from './field-pattern.ts';
import { visitHead } from './head-fields.ts';
import { type Hit, type ValueInspector, valueInspector } from './inspect-value.ts';
import { type Profile, PROFILE_EXTRA } from './profile.ts';
import type { AttackClass } from './rule.ts';
import { WAF_DETECTORS, WAF_RULES } from './rules.ts';

/** What a route's configuration says of inspection. */
export interface WafPolicy {
  /** What a class must score in a plain value. */
  readonly threshold: number;
  readonly classThresholds: Readonly<Partial<Record<AttackClass, number>>>;
  readonly fields: readonly { readonly field: string; readonly profile: Profile }[];
  readonly exceptions: readonly WafException[];
}

/** A rule that one field may break. */
export interface WafException {
  readonly rule: string;
  readonly field: string;
  readonly reason: string;
  /** Epoch milliseconds; absent: for good. */
  readonly untilMs?: number;
  /** Where it stands in the configuration. */
  readonly config: string;
}

/** An attack that was found. */
export interface WafFinding {
  readonly cls: AttackClass;
  readonly rule: string;
  readonly reason: string;
  readonly score: number;
  readonly threshold: number;
  readonly profile: Profile;
  readonly field: string;
  readonly evidence: string;
}

/** Inspects requests of one route. */
export interface Waf {
  head(request: CanonicalRequest, nowMs: number): WafFinding | undefined;
  body(content: { readonly text: string; readonly type: string }, nowMs: number): WafBodyResult;
}

export type WafBodyResult =
  | { readonly kind: 'clean' }
  | { readonly kind: 'malformed'; readonly rule: string }
  | { readonly kind: 'attack'; readonly finding: WafFinding };

/** What all routes share: the compiled rules, and which short values are known to be clean. */
export function wafInspector(): ValueInspector {
  return remembering(valueInspector(WAF_RULES, WAF_DETECTORS));
}

const REMEMBERED_CHARS_MAX = 256;
const REMEMBERED_MAX = 4096;

/** Headers and cookies repeat from request to request: clean ones are known by heart. Bounded; forgets all at once. */
function remembering(inspector: ValueInspector): ValueInspector {
  const clean = new Set<string>();
  return {
    hits(value, kind) {
      if ((kind !== 'header' && kind !== 'name' && kind !== 'cookie') || value.length > REMEMBERED_CHARS_MAX) {
        return inspector.hits(value, kind);
      }
      const key = `${kind} ${value}`;
      if (clean.has(key)) return [];
      const hits = inspector.hits(value, kind);
      if (hits.length > 0) return hits;
      if (clean.size >= REMEMBERED_MAX) clean.clear();
      clean.add(key);
      return hits;
    },
  };
}

/** Compiles a route's policy. Finds the first field that scores enough; never truncates a value. */
export function waf(policy: WafPolicy, inspector: ValueInspector): Waf {
  const compiled = {
    policy,
    fields: policy.fields.map((entry) => ({ ...entry, pattern: fieldPattern(entry.field) })),
    exceptions: policy.exceptions.map((entry) => ({ ...entry, pattern: fieldPattern(entry.field) })),
  };
  function visitor(nowMs: number): { visit: FieldVisitor; found(): WafFinding | undefined } {
    let found: WafFinding | undefined;
    return {
      visit(field) {
        const hits = inspector.hits(field.value, field.kind);
        if (hits.length > 0) found = judged(compiled, { field, hits, nowMs });
        return found !== undefined;
      },
      found: () => found,
    };
  }
  return {
    head(request, nowMs) {
      const { visit, found } = visitor(nowMs);
      visitHead(request, visit);
      return found();
    },
    body({ text, type }, nowMs) {
      const { visit, found } = visitor(nowMs);
      return bodyResult(visitBody(text, type, visit), found());
    },
  };
}

function bodyResult(outcome: BodyOutcome, finding: WafFinding | undefined): WafBodyResult {
  if (finding !== undefined) return { kind: 'attack', finding };
  return outcome.kind === 'malformed' ? outcome : { kind: 'clean' };
}

interface Compiled {
  readonly policy: WafPolicy;
  readonly fields: readonly { readonly pattern: FieldPattern; readonly profile: Profile }[];
  readonly exceptions: readonly (WafException & { readonly pattern: FieldPattern })[];
}

interface Asked {
  readonly field: Field;
  readonly hits: readonly Hit[];
  readonly nowMs: number;
}

function judged(compiled: Compiled, asked: Asked): WafFinding | undefined {
  const { field } = asked;
  const hits = asked.hits.filter((hit) => counts(compiled, asked, hit));
  if (hits.length === 0) return undefined;
  const path = field.path();
  const profile = configuredProfile(compiled, path) ?? profileOfField(field, path);
  for (const cls of new Set(hits.map((hit) => hit.cls))) {
    const ofClass = hits.filter((hit) => hit.cls === cls).toSorted((a, b) => b.score - a.score);
    const [worst] = ofClass;
    const threshold = thresholdFor(compiled.policy, cls, profile);
    const score = scoreOf(ofClass, profile);
    if (worst === undefined || score < threshold) continue;
    const { rule, reason, evidence } = worst;
    return { cls, rule, reason, score, threshold, profile, field: path, evidence };
  }
  return undefined;
}

function configuredProfile({ fields }: Compiled, path: string): Profile | undefined {
  return fields.find(({ pattern }) => pattern.matches(path))?.profile;
}

function counts(compiled: Compiled, { field, nowMs }: Asked, { rule, cls }: Hit): boolean {
  if (cls === 'ssrf' || cls === 'rfi') {
    if (isForBrowsers(field)) return false;
    // An application that calls what it is sent says so: `profile: url`.
    if (isLocalService(field, rule) && configuredProfile(compiled, field.path()) === undefined) return false;
  }
  return !compiled.exceptions.some((exception) => {
    if (exception.rule !== rule && exception.rule !== '*') return false;
    return (exception.untilMs === undefined || nowMs < exception.untilMs) && exception.pattern.matches(field.path());
  });
}

/** Two signs of one class are more than one; in source code they are only source code. */
function scoreOf([first, second]: readonly Hit[], profile: Profile): number {
  const lone = profile === 'code' || profile === 'markdown' || second === undefined;
  const share = profile === 'text' ? 3 : 2;
  return (first?.score ?? 0) + (lone ? 0 : Math.ceil(second.score / share));
}

function thresholdFor({ threshold, classThresholds }: WafPolicy, cls: AttackClass, profile: Profile): number {
  return (classThresholds[cls] ?? threshold) + PROFILE_EXTRA[profile];
}
