import type { Finding } from '@steadygate/core';
import { expect, test } from 'vitest';
import { foreignRequest } from './recorded-request.ts';
import type { Judged } from './replay-judge.ts';
import { type Baseline, ReplayReport } from './replay-report.ts';

const REQUEST = foreignRequest({ place: 3, method: 'GET', target: '/a?b=c', atMs: 1 });
const WAF: Finding = { guard: 'waf', rule: 'sqli', config: 'routes[0]', field: 'query:b', evidence: "'" };
const ALLOWED: Judged = { outcome: 'allow', refusal: undefined, shadow: [], isPublic: false };
const REFUSED: Judged = { ...ALLOWED, outcome: 'deny', refusal: WAF };
const before = (outcome: Baseline['outcome'], guard?: string, rule?: string): Baseline => ({ outcome, guard, rule });

test.each([
  ['nothing changes', ALLOWED, before('allow'), { unchanged: 1, changes: [] }],
  [
    'a request is refused that was let in',
    REFUSED,
    before('allow'),
    { refused: 1, changes: [{ kind: 'refused', guard: 'waf', count: 1 }] },
  ],
  ['an answer of the gate counts as let in', REFUSED, before('answer'), { refused: 1 }],
  [
    'a refused request is let in',
    ALLOWED,
    before('deny', 'waf', 'xss'),
    { admitted: 1, changes: [{ kind: 'admitted', rule: 'xss' }] },
  ],
  ['the same rule refuses', REFUSED, before('deny', 'waf', 'sqli'), { unchanged: 1 }],
  [
    'another rule refuses',
    REFUSED,
    before('deny', 'waf', 'xss'),
    { otherwise: 1, changes: [{ kind: 'otherwise', rule: 'sqli' }] },
  ],
  [
    'T25: no recording repeats a bad credential',
    ALLOWED,
    before('deny', 'authenticate'),
    { notJudged: 1, admitted: 0 },
  ],
  [
    'but a route that asks for none lets it in',
    { ...ALLOWED, isPublic: true },
    before('deny', 'authenticate'),
    { admitted: 1 },
  ],
  [
    'what a guard in shadow finds',
    { ...ALLOWED, shadow: [WAF] },
    before('allow'),
    { unchanged: 1, changes: [{ kind: 'shadow', rule: 'sqli' }] },
  ],
])('%s', (_, judged, baseline, expected) => {
  const report = new ReplayReport();
  report.add(REQUEST, judged, baseline);
  expect(report.summary()).toMatchObject({ requests: 1, ...expected });
});

test('changes are counted by rule, the most frequent first, with a few examples', () => {
  const report = new ReplayReport();
  report.add(REQUEST, { ...REFUSED, refusal: { ...WAF, rule: 'xss' } }, before('allow'));
  for (let at = 0; at < 5; at += 1) report.add({ ...REQUEST, place: at }, REFUSED, before('allow'));
  const [first, second] = report.summary().changes;
  expect(first).toMatchObject({ rule: 'sqli', count: 5 });
  expect(first?.examples).toHaveLength(3);
  expect(first?.examples[0]).toEqual({ place: 0, method: 'GET', path: '/a', field: 'query:b', evidence: "'" });
  expect(second).toMatchObject({ rule: 'xss', count: 1 });
});

test('memory is bounded by rules, whatever is recorded', () => {
  const report = new ReplayReport();
  for (let at = 0; at < 1_500; at += 1) {
    report.add(REQUEST, { ...REFUSED, refusal: { ...WAF, rule: `rule ${at}` } }, before('allow'));
  }
  const { changes } = report.summary();
  expect(changes).toHaveLength(1_001);
  expect(changes[0]).toMatchObject({ rule: 'further rules', count: 500 });
});

test('what a recording lacks is counted', () => {
  const report = new ReplayReport();
  report.add({ ...REQUEST, atMs: undefined, isBodyMissing: true }, ALLOWED, before('allow'));
  report.add(REQUEST, { ...ALLOWED, isPublic: true }, before('allow'));
  for (let place = 1; place < 6; place += 1) report.unreadable({ place, reason: 'is no JSON' });
  expect(report.summary()).toMatchObject({
    requests: 2,
    callersUnknown: 1,
    bodiesMissing: 1,
    timesMissing: 1,
    unreadable: 5,
  });
  expect(report.summary().unreadableExamples).toHaveLength(3);
});
