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

/** An address that nobody has (RFC 5737), for logs that name none. */
const NOBODY = '192.0.2.1';
/** Framing is that of the recorded body, whatever the recorded fields say; an upgrade is judged as the request that asks for it. */
const REPLACED: ReadonlySet<string> = new Set(
  'content-length transfer-encoding connection keep-alive proxy-connection te trailer upgrade expect'.split(' '),
);

/** The judge of a configuration. Requests must come in the order in which they were recorded: limits count. */
export function replayJudge({ table, roles, canonical }: ReplayPolicy): ReplayJudge {
  const callers = callersUnder(roles);
  return async (recorded) => {
    const canon = canonicaliseRequest(rawOf(recorded), canonical, `replay-${recorded.place}`);
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

/** As the socket would have given it. */
function rawOf({ method, target, headers, address, body }: RecordedRequest) {
  const fields = kept(headers);
  if (!fields.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')) fields.push('host', 'replay.invalid');
  if (body !== undefined && body.length > 0) fields.push('content-length', String(body.length));
  return {
    method: method.toUpperCase(),
    target: octets(target),
    rawHeaders: fields,
    peerAddress: address ?? NOBODY,
    tls: false,
    httpVersion: '1.1',
  };
}

function kept(headers: readonly string[]): string[] {
  const fields: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    if (!REPLACED.has(name.toLowerCase())) fields.push(name, octets(headers[at + 1] ?? ''));
  }
  return fields;
}

/** One character for each octet, as Node gives heads. */
function octets(text: string): string {
  return Buffer.from(text).toString('latin1');
}
