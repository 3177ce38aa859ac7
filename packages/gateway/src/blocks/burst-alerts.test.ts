import type { Alert, DecisionRecord } from '@steadygate/core';
import { expect, it } from 'vitest';
import { burstAlerts } from './burst-alerts.ts';

const NOW = 1_800_000_000_000;

function burst(clientAddress: string, atMs: number, guard = 'burst'): DecisionRecord {
  const finding = { guard, rule: 'own habit', evidence: 'more than 50/10s; usual: 5', shadow: true };
  return {
    requestId: 'r1',
    atMs,
    method: 'GET',
    path: '/',
    clientAddress,
    route: undefined,
    decision: { outcome: 'allow', principal: undefined, findings: [finding], answerHeaders: [] },
    status: 200,
    durationMs: 1,
    answerBytes: 0,
  };
}

it('SS11: a caller’s bursts are told once in ten minutes, and where they are wanted only', () => {
  const told: Alert[] = [];
  let isWanted = true;
  const note = burstAlerts(
    (alert) => void told.push(alert),
    () => isWanted,
  );
  note(burst('198.51.100.7', NOW, 'waf'));
  for (let at = 0; at < 100; at += 1) note(burst('198.51.100.7', NOW + at));
  note(burst('203.0.113.9', NOW));
  expect(told).toHaveLength(2);
  expect(told[0]).toMatchObject({ kind: 'burst', requestId: 'r1', message: expect.stringContaining('usual: 5') });
  note(burst('198.51.100.7', NOW + 600_001));
  isWanted = false;
  note(burst('198.51.100.8', NOW));
  expect(told).toHaveLength(3);
});
