export {
  authorize,
  type Permission,
  type PermissionSet,
  permissionsOf,
  PLATFORM_AREAS,
  PLATFORM_KEY_PERMISSIONS,
  type TenantAccess,
} from './access.ts';
export {
  type Authentication,
  type Authenticator,
  type PresentedCredential,
  type PresentedSession,
} from './authenticator.ts';
export { type Block, type BlockSubject, subjectKey } from './blocks/block.ts';
export { BlockBook } from './blocks/block-book.ts';
export { blockMs, nextLevel, type PastBlock } from './blocks/growth.ts';
export { mayBeOtherSites } from './blocks/other-site.ts';
export { type StrikeCounter, withStrike } from './blocks/strikes.ts';
export { type Violation, violationOf } from './blocks/violation.ts';
export { type ViolationKind } from './blocks/violation-kind.ts';
export { BurstMeter, type BurstSettings } from './bursts/burst-meter.ts';
export { ErrorMeter } from './bursts/error-meter.ts';
export { answerHeadersFromUpstream, type AnswerTraits } from './canonical/answer-headers.ts';
export { canonicalHost } from './canonical/host.ts';
export { canonicalPath, foldPath } from './canonical/path.ts';
export { type CanonicalRule, type Refusal } from './canonical/refusal.ts';
export { type Canonical, canonicaliseRequest, type CanonicalOptions, type RawRequest } from './canonical/request.ts';
export { type OwnHeaders, upstreamHeaders } from './canonical/upstream-headers.ts';
export { type Claim, type ClaimArea } from './claims/claim.ts';
export { CLAIMS } from './claims/claims.ts';
export { type Clock } from './clock.ts';
export {
  type ApiKeyParts,
  apiKeyText,
  BASE62,
  claimsToBeApiKey,
  KEY_ENVIRONMENTS,
  KEY_ID_CHARACTERS,
  KEY_SECRET_CHARACTERS,
  type KeyEnvironment,
  parseApiKey,
} from './credential/api-key.ts';
export { TOKEN_ISSUER } from './credential/own-credential.ts';
export {
  type CookieNames,
  cookieNames,
  presentedCredential,
  type SessionAudience,
} from './credential/presented-credential.ts';
export { decide } from './decide.ts';
export { type Decision } from './decision.ts';
export { type Alert, type DecisionRecord, type EventSink, type Took } from './decision-record.ts';
export { createScrubber, type Scrubber, SECRET_BYTES_MIN } from './egress/scrub.ts';
export { type AnswerMerge, answerMerge } from './egress/answer-merge.ts';
export { securityHeaders } from './egress/security-headers.ts';
export { createSseFilter, type SseFilter, type SsePiece } from './egress/sse.ts';
export { FEED_START, type FeedPosition, nextFeedStep, positionAt } from './feed/feed-position.ts';
export { type InstanceReport, liveOthers, seenByAll, unconfirmedInstances } from './feed/instances.ts';
export { type NeighbourTrouble, neighbourTroubles } from './feed/neighbours.ts';
export { isServedLate, type Moment, serviceAt, staleMsBetween } from './feed/staleness.ts';
export { type Denial, type Finding, type FindingFacts } from './finding.ts';
export {
  deny,
  type Guard,
  type GuardContext,
  type GuardMode,
  PASS,
  type Phase,
  PHASES,
  type Verdict,
} from './guard.ts';
export { isAccepted } from './guards/authenticate.ts';
export { tenantLimit } from './guards/key-limit.ts';
export { quotasOf } from './guards/quota.ts';
export { ownershipGuard } from './guards/ownership.ts';
export { type ContentOutcome, exceptionFor, inspectContent } from './guards/waf.ts';
export { allHeaders, firstHeader, type HeaderList } from './header-list.ts';
export { parseExactJson } from './json/exact.ts';
export { type ParsedJson, parseStrictJson } from './json/parse.ts';
export { compileJsonPath, selectAll } from './json/path.ts';
export { type BucketStore, type Rate, type Taken } from './limits/bucket-store.ts';
export { callerKey } from './limits/caller-key.ts';
export { type CredentialBudget, credentialBudget } from './limits/credential-budget.ts';
export { gcraGiveBack, type GcraTake, gcraTake } from './limits/gcra.ts';
export {
  type DayQuota,
  type DayQuotas,
  dayOf,
  type QuotaCounter,
  type QuotaHolder,
  quotaSpent,
  type QuotaUse,
  untilNextDayMs,
} from './limits/quota.ts';
export { type RateLimitFields, rateLimitFields } from './limits/rate-limit-fields.ts';
export { parseRate } from './limits/rate-text.ts';
export { maskEvidence } from './mask.ts';
export {
  type Address,
  addressKey,
  type AddressRange,
  isLoopback,
  isPrivate,
  parseAddress,
  parseRange,
  rangeContains,
} from './net/address.ts';
export { isNavigation } from './navigation.ts';
export { cameThroughProxy, type ClientAddress, clientAddress } from './net/client-address.ts';
export { networkOf } from './net/network.ts';
export { filterLists, listedIds, newObjectId } from './ownership/answers.ts';
export { compileOperations, type OperationRow, type OperationTable } from './ownership/compile.ts';
export { type Ledger } from './ownership/ledger.ts';
export { type InboundMessage, inboundMessage, outboundId } from './ownership/messages.ts';
export { type JsonPath, type Operation, type Resource, type SocketMessages } from './ownership/operation.ts';
export { type ObjectName, type Owners } from './ownership/owners.ts';
export { type CompiledGate, compileGate, type GateTable } from './policy/gate-table.ts';
export { type GuardDeps } from './policy/guards-for.ts';
export { isOrigin } from './policy/origins.ts';
export {
  type BlocksPolicy,
  type BurstPolicy,
  type CorsPolicy,
  type EgressPolicy,
  type KeysPolicy,
  type LimitsPolicy,
  type OwnershipPolicy,
  type Policy,
  type RouteAccess,
  type RouteLimit,
  type RouteSchema,
  type RouteText,
  type RouteWaf,
  type RoutePolicy,
  type ScreenPolicy,
} from './policy/policy.ts';
export { type PolicyProblem } from './policy/problem.ts';
export { type Route, type RouteMatch } from './policy/route.ts';
export { type TableRow } from './policy/table-rows.ts';
export { KEY_ROLE, type KeyCredential, type KeyLimit, type Principal, type PrincipalCredential } from './principal.ts';
export {
  type LimitHit,
  type ProblemBody,
  problemBody,
  problemOf,
  type ProblemCode,
  ProblemError,
  type ProblemFacts,
  PROBLEMS,
  type Unavailability,
} from './problem.ts';
export { type Random } from './random.ts';
export { type BodyText, type CanonicalRequest, type RequestBody, strictJson } from './request.ts';
export { type TextLimits } from './text/text-policy.ts';
export { admission, type ConcurrencyPolicy, type Occupancy, retryAfterSeconds } from './upstream/admission.ts';
export {
  admittedByBreaker,
  breakerAfter,
  type BreakerContext,
  type BreakerPolicy,
  type BreakerState,
  CLOSED,
  refusesNow,
} from './upstream/breaker.ts';
export {
  type Balance,
  type Choice,
  chooseTarget,
  isInService,
  isSpare,
  nextPass,
  type TargetFacts,
} from './upstream/choose-target.ts';
export {
  ejectionAfter,
  type EjectionContext,
  type EjectionPolicy,
  type EjectionState,
  NOT_EJECTED,
} from './upstream/ejection.ts';
export { parseTraceContext, type TraceContext, traceHeaders } from './trace/trace-context.ts';
export {
  checkDelayMs,
  healthAfter,
  type HealthPolicy,
  type HealthState,
  isHealthyStatus,
  UNCHECKED,
} from './upstream/health.ts';
export { earnedRetries, type FailedAttempt, isRepeatable, type RetryPolicy } from './upstream/retry.ts';
export { type Outcome, type UpstreamPolicy } from './upstream/upstream-policy.ts';
export {
  type Api,
  type ApiBody,
  type ApiContent,
  type ApiMatch,
  type ApiOperation,
  type ApiParameter,
  type ParameterPlace,
  type ParameterStyle,
  type ValueCheck,
  type ValueFault,
  type ValueShape,
} from './schema/api.ts';
export { apiOf, type TemplatedOperation } from './schema/api-index.ts';
export { type AnswerFacts, judgeAnswer } from './schema/judge-answer.ts';
export { type SchemaFault } from './schema/judge-parameters.ts';
export { pathTemplate } from './schema/path-template.ts';
export { patternCost } from './waf/pattern-cost.ts';
export { PROFILES, type Profile } from './waf/profile.ts';
export { ATTACK_CLASSES, type AttackClass, type Rule } from './waf/rule.ts';
export { type RuleTest, testRules } from './waf/rule-tests.ts';
export { WAF_DETECTORS, WAF_RULE_IDS, WAF_RULES } from './waf/rules.ts';
export { waf, type Waf, type WafException, type WafFinding, wafInspector, type WafPolicy } from './waf/waf.ts';
