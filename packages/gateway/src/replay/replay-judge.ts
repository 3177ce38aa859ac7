import {
  canonicaliseRequest,
  type CanonicalOptions,
  type CanonicalRequest,
  decide,
  type Decision,
  type Finding,
  type GateTable,
  type Permission,
  type RouteMatch,
} from '@steadygate/core';
import type { RecordedRequest } from './recorded-request.ts';
import { rawRequestOf } from './raw-request.ts';
import { recordedBody } from './recorded-body.ts';
import { type Callers, callersUnder, replayGuards } from './replay-guards.ts';

/** What a configuration says of a recorded request. */
export interface Judged {
  readonly outcome: Decision['outcome'];
  /** Why it is refused. */
  readonly refusal: Finding | undefined;
  /** What guards in shadow found. */
  readonly shadow: readonly Finding[];
  /** Whether the route judges no caller: then the recording lacks nothing. */
  readonly isPublic: boolean;
}

/** A compiled configuration, as far as it judges recordings. */
export interface ReplayPolicy {
  readonly table: GateTable;
  readonly roles: Readonly<Record<string, readonly Permission[]>>;
  readonly canonical: CanonicalOptions;
}

/** Holds recorded requests against one configuration. Calls no upstream, and keeps nothing but counters of limits (T25). */
export type ReplayJudge = (request: RecordedRequest) => Promise<Judged>;

/** The judge of a configuration. Requests must come in the order in which they were recorded: limits count. */
export function replayJudge({ table, roles, canonical }: ReplayPolicy): ReplayJudge {
  const callers = callersUnder(roles);
  return async (recorded) => {
    const canon = canonicaliseRequest(rawRequestOf(recorded), canonical, `replay-${recorded.place}`);
    if (!canon.ok) return refused({ guard: 'canonical', rule: canon.rule, ...fieldOf(canon.field) });
    const match = table.match(canon.request.method, canon.request.path);
    if (match === undefined) return refused({ guard: 'route', rule: 'no route matches' });
    const decision = await decideOn(recorded, { request: canon.request, match, callers });
    return { ...judgedOf(decision), isPublic: match.route.policy.access === 'public' };
  };
}

function decideOn(
  recorded: RecordedRequest,
  { request, match, callers }: { request: CanonicalRequest; match: RouteMatch; callers: Callers },
): Decision | Promise<Decision> {
  const { policy, guards } = match.route;
  const body = recordedBody(recorded.body ?? new Uint8Array(), request.headers, policy.bodyBytesMax);
  const ctx = { request, match, principal: undefined, body, nowMs: recorded.atMs ?? 0 };
  return decide(replayGuards(guards, recorded, callers), ctx);
}

function judgedOf({ outcome, findings }: Decision): Omit<Judged, 'isPublic'> {
  const refusal = outcome === 'deny' ? findings.findLast(({ shadow }) => shadow !== true) : undefined;
  return { outcome, refusal, shadow: findings.filter(({ shadow }) => shadow === true) };
}

function refused(refusal: Finding): Judged {
  return { outcome: 'deny', refusal, shadow: [], isPublic: true };
}

function fieldOf(field: string | undefined): Pick<Finding, 'field'> {
  return field === undefined ? {} : { field };
}
