import { type Alert, callerKey, type DecisionRecord } from '@steadygate/core';
import { BoundedMap } from '../auth/bounded-map.ts';

/** One caller's bursts are told this often at most. */
const QUIET_MS = 600_000;
const CALLERS_MAX = 10_000;

/** Makes alerts of the bursts that guards found: once in ten minutes for each caller. */
export function burstAlerts(alert: (alert: Alert) => void, isWanted: () => boolean): (record: DecisionRecord) => void {
  const toldAtMs = new BoundedMap<string, number>(CALLERS_MAX);
  return ({ decision, clientAddress, atMs, requestId }) => {
    if (decision.findings.length === 0) return;
    const found = decision.findings.find(({ guard }) => guard === 'burst');
    if (found === undefined || !isWanted()) return;
    const { principal } = decision;
    const caller = principal?.userId ?? callerKey(clientAddress);
    if ((toldAtMs.get(caller) ?? -Infinity) > atMs - QUIET_MS) return;
    toldAtMs.set(caller, atMs);
    const who = principal === undefined ? 'An address' : `User ${principal.userId} of tenant ${principal.tenantId}`;
    alert({ kind: 'burst', requestId, message: `${who} sends a burst (${found.rule}): ${found.evidence ?? ''}.` });
  };
}
