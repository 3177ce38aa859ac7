import { type Alert, callerKey, type DecisionRecord, type EventSink } from '@steadygate/core';
import type { DecisionFile } from './decisions/decision-file.ts';
import { toExplanation } from './decisions/explanation.ts';
import type { Logger } from './log/logger.ts';
import type { Denials } from './store/denials.ts';

export interface EventSinkDeps {
  readonly logger: Logger;
  readonly file: DecisionFile;
  readonly denials: Pick<Denials, 'record'>;
  /** Of passes without findings, one in this many is kept for `explain`; 1 keeps all. */
  readonly passesKeptOneIn: number;
}

/** One decision becomes a log line, a line of the decision file, and a share of an aggregated audit entry. */
export function eventSink(deps: EventSinkDeps): EventSink {
  let passes = 0;

  function isKept({ decision }: DecisionRecord): boolean {
    if (decision.outcome === 'deny' || decision.findings.length > 0) return true;
    passes += 1;
    return passes % deps.passesKeptOneIn === 0;
  }

  return {
    decided(record) {
      log(deps.logger, record);
      if (isKept(record)) deps.file.append(toExplanation(record));
      if (record.decision.denial !== undefined) deps.denials.record(denialOf(record, record.decision.denial));
    },
    alert: ({ kind, requestId, message }: Alert) => deps.logger.warn({ alert: kind, requestId }, message),
  };
}

function log(logger: Logger, record: DecisionRecord): void {
  const { decision, requestId, method, path, status, durationMs, clientAddress, route, traceId } = record;
  const { cause, principal, denial } = decision;
  if (cause === undefined) {
    logger.request(record);
    return;
  }
  const asked = { requestId, method, path, status, ms: durationMs, address: clientAddress, route, traceId };
  logger.error({ ...asked, user: principal?.userId, guard: denial?.guard, code: denial?.code, cause }, 'request');
}

function denialOf({ route, clientAddress, atMs, decision }: DecisionRecord, denial: { guard: string; code: string }) {
  const { guard, code } = denial;
  const { tenantId, userId } = decision.principal ?? {};
  // A network of IPv6 addresses is one source: it must not fill the log with entries (T12).
  return { guard, code, route, tenantId, userId, clientAddress: callerKey(clientAddress), atMs };
}
