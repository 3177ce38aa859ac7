import type { HealthPolicy, UpstreamPolicy } from '@steadygate/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { fakeUpstreams, Outcomes } from '../../test/fake-upstreams.ts';
import { PLAIN } from '../../test/rig-upstreams.ts';
import type { UpstreamRequest } from '../proxy/upstream-client.ts';
import { upstreamAlert } from './event.ts';
import type { UpstreamPool } from './pool.ts';
import type { PreparedUpstreams } from './upstreams.ts';

let fake: ReturnType<typeof fakeUpstreams>;
beforeEach(() => {
  fake = fakeUpstreams();
});

const GET: UpstreamRequest = {
  method: 'GET',
  target: '/',
  headers: ['host', 'a:1'],
  body: undefined,
  timeouts: { headersMs: 1000 },
};

interface Wanted {
  readonly hosts?: readonly string[];
  readonly policy?: Partial<UpstreamPolicy>;
  readonly connectMs?: number;
  readonly name?: string;
  readonly weights?: readonly number[];
}

function prepare({
  hosts = ['a:1', 'b:1'],
  policy,
  connectMs = 1000,
  name = 'app',
  weights = [],
}: Wanted): PreparedUpstreams {
  const targets = hosts.map((host, at) => ({ url: `http://${host}/`, weight: weights[at] ?? 1 }));
  return fake.upstreams.prepare([{ name, targets, host: undefined, policy: { ...PLAIN, ...policy } }], connectMs);
}

function inForce(wanted: Wanted = {}): UpstreamPool {
  const prepared = prepare(wanted);
  fake.upstreams.commit(prepared);
  return pooled(prepared, wanted.name);
}

function pooled({ pools }: PreparedUpstreams, name = 'app'): UpstreamPool {
  const pool = pools.get(name);
  if (pool === undefined) throw new Error('not prepared');
  return pool;
}

function send(to: UpstreamPool): Outcomes {
  const outcomes = new Outcomes();
  to.dispatch(GET, outcomes);
  return outcomes;
}

const targets = (name = 'app') => fake.upstreams.views().find((one) => one.name === name)?.targets;
const states = (name = 'app') => targets(name)?.map(({ url, state }) => `${url.slice(7)} ${state}`);

describe('a reload', () => {
  test('keeps targets that stay, with what is known of them', () => {
    const before = inForce({ policy: { ejection: { failures: 1, forMs: 5_000, forMsMax: 5_000 } } });
    send(before);
    fake.sent[0]?.breakOff();
    const after = inForce({
      hosts: ['c:1', 'a:1'],
      weights: [1, 5],
      policy: { ejection: { failures: 1, forMs: 5_000, forMsMax: 5_000 } },
    });
    expect(after.targets[1]).toBe(before.targets[0]);
    expect(states()).toEqual(['c:1 up', 'a:1 ejected']);
    expect(targets()?.[1]).toMatchObject({ weight: 5, counts: { requests: 1, failures: 1, ejections: 1 } });
  });

  test('drains what goes: what runs on it ends, then its connections are closed and it is seen no more', () => {
    const both = inForce();
    const one = send(both);
    inForce({ hosts: ['b:1'] });
    expect([states(), fake.closed]).toEqual([['b:1 up', 'a:1 draining'], ['a:1']]);
    fake.sent[0]?.answer();
    expect(one.seen).toEqual(['head 200', 'end']);
    expect([states(), fake.closed]).toEqual([['b:1 up'], ['a:1']]);
  });

  test('never sends a request of the new configuration to what went, nor one of the old to what came', () => {
    const before = inForce({ hosts: ['a:1'] });
    const after = inForce({ hosts: ['b:1'] });
    send(before);
    send(after);
    expect(fake.sent.map(({ to }) => to)).toEqual(['a:1', 'b:1']);
    fake.sent[0]?.answer();
    expect([states(), fake.closed]).toEqual([['b:1 up'], ['a:1']]);
  });

  test('that is not put in force changes nothing', () => {
    const before = inForce({ hosts: ['a:1'], policy: { concurrency: { max: 1, queueMax: 1, waitMs: 100 } } });
    prepare({ hosts: ['c:1'], policy: {} });
    send(before);
    expect(states()).toEqual(['a:1 up']);
    expect(fake.upstreams.views()[0]).toMatchObject({ inFlight: 1, inFlightMax: 1 });
  });

  test('takes a target back that was still draining', () => {
    const before = inForce();
    send(before);
    inForce({ hosts: ['b:1'] });
    const again = inForce();
    expect(again.targets[0]).toBe(before.targets[0]);
    fake.sent[0]?.answer();
    expect(states()).toEqual(['a:1 up', 'b:1 up']);
  });

  test('lets those in who wait, when there is more room', () => {
    const before = inForce({ policy: { concurrency: { max: 1, queueMax: 5, waitMs: 100 } } });
    for (let count = 0; count < 3; count += 1) send(before);
    expect(fake.sent).toHaveLength(1);
    inForce({ policy: { concurrency: { max: 2, queueMax: 5, waitMs: 100 } } });
    expect(fake.sent).toHaveLength(2);
    inForce();
    expect(fake.sent).toHaveLength(3);
  });

  test('keeps a target that came back, whatever still ran on the one before it', () => {
    const before = inForce({ hosts: ['a:1'] });
    inForce({ hosts: ['b:1'] });
    send(before);
    const again = inForce();
    fake.sent[0]?.answer();
    expect(inForce().targets[0]).toBe(again.targets[0]);
  });

  test('without ejection brings back who was ejected', () => {
    const before = inForce({ policy: { ejection: { failures: 1, forMs: 5_000, forMsMax: 5_000 } } });
    send(before);
    fake.sent[0]?.breakOff();
    expect(states()).toEqual(['a:1 ejected', 'b:1 up']);
    inForce();
    expect(states()).toEqual(['a:1 up', 'b:1 up']);
  });

  test('without ejection, checks or breaker leaves nobody out', () => {
    const breaker = { failurePercent: 1, requestsMin: 1, withinMs: 1_000, openMs: 1_000, probes: 1 };
    const ejection = { failures: 1, forMs: 5_000, forMsMax: 5_000 };
    const before = inForce({ policy: { ejection, breaker, health: HEALTH } });
    send(before);
    fake.sent[0]?.breakOff();
    fail(3);
    expect([states(), fake.upstreams.views()[0]?.breaker]).toEqual([['a:1 down', 'b:1 up'], 'open']);
    const after = inForce();
    expect(states()).toEqual(['a:1 up', 'b:1 up']);
    expect(send(after).seen).toEqual([]);
    inForce({ policy: { breaker } });
    expect(fake.upstreams.views()[0]?.breaker).toBe('closed');
  });

  test('opens connections anew when they may take another time', () => {
    const before = inForce();
    send(before);
    inForce({ connectMs: 5 });
    expect(fake.closed).toEqual(['a:1']);
    expect(states()).toEqual(['a:1 up', 'b:1 up']);
  });

  test('of another upstream leaves this one; one that goes drains, and may come back', () => {
    const old = inForce({ name: 'old', hosts: ['o:1'] });
    send(old);
    inForce({ hosts: ['a:1'] });
    expect([states(), states('old')]).toEqual([['a:1 up'], ['o:1 draining']]);
    fake.sent[0]?.answer();
    expect(fake.upstreams.views().map(({ name }) => name)).toEqual(['app']);
  });

  test('at the end closes what is open', () => {
    const both = inForce({ policy: { health: HEALTH } });
    send(both);
    fake.sent[0]?.answer();
    fake.upstreams.close();
    expect(fake.upstreams.views()).toEqual([]);
    expect(fake.closed.toSorted()).toEqual(['a:1', 'a:1', 'b:1']);
  });
});

const HEALTH: HealthPolicy = {
  path: '/health?deep=1',
  everyMs: 5_000,
  timeoutMs: 2_000,
  healthyAfter: 2,
  unhealthyAfter: 3,
  statuses: [],
};

/** Answers the checks of `to` that are under way. */
function answerChecks(to: string, status: number): void {
  for (const one of fake.checks.splice(0)) {
    if (one.to === to) one.answer(status);
    else one.answer();
  }
}

/** Lets `count` checks of `a:1` fail, and all others succeed. */
function fail(count: number): void {
  for (let done = 0; done < count; done += 1) {
    fake.time.advance(done === 0 ? 0 : 4_000);
    answerChecks('a:1', 500);
  }
}

describe('checks', () => {
  test('T2, T14: carry nothing but their own name, and go to the target by their own connection', () => {
    const pool = inForce({ policy: { health: HEALTH } });
    fake.time.advance(0);
    expect(fake.checks.map(({ to, request }) => [to, request])).toEqual([
      ['a:1', expect.objectContaining({ method: 'GET', target: '/health?deep=1', body: undefined })],
      ['b:1', expect.anything()],
    ]);
    const names = fake.checks[0]?.request.headers.filter((_, at) => at % 2 === 0);
    expect(names).toEqual(['host', 'user-agent', 'accept']);
    expect(fake.checks[0]?.request.headers[3]).toMatch(/^Steadygate-Health\/\d/);
    expect([fake.sent, pool.state.inFlight]).toEqual([[], 0]);
  });

  test('take a target out after so many that are bad, and bring it back after so many that are good', () => {
    inForce({ policy: { health: HEALTH } });
    fail(2);
    expect(states()).toEqual(['a:1 up', 'b:1 up']);
    fake.time.advance(4_000);
    answerChecks('a:1', 500);
    expect(states()).toEqual(['a:1 down', 'b:1 up']);
    expect(targets()?.[0]).toMatchObject({
      lastCheck: { isGood: false, detail: 'status 500' },
      counts: { checks: 3, failedChecks: 3 },
    });
    for (let count = 0; count < 2; count += 1) {
      fake.time.advance(4_000);
      answerChecks('a:1', 204);
    }
    expect(states()).toEqual(['a:1 up', 'b:1 up']);
    expect(fake.events.map(upstreamAlert)).toEqual([
      {
        kind: 'upstream-down',
        requestId: undefined,
        message: 'Target http://a:1 of upstream app is down: its check said status 500.',
      },
      {
        kind: 'upstream-up',
        requestId: undefined,
        message: 'Target http://a:1 of upstream app is up: its check said status 204.',
      },
    ]);
  });

  test('leave out of all requests who is down, until nobody is left: then all are asked', () => {
    const both = inForce({ policy: { health: { ...HEALTH, unhealthyAfter: 1 } } });
    fake.time.advance(0);
    answerChecks('a:1', 500);
    for (let count = 0; count < 4; count += 1) send(both);
    expect(new Set(fake.sent.map(({ to }) => to))).toEqual(new Set(['b:1']));
    fake.time.advance(4_000);
    for (const one of fake.checks.splice(0)) one.refuse();
    expect(states()).toEqual(['a:1 down', 'b:1 down']);
    for (let count = 0; count < 4; count += 1) send(both);
    expect(new Set(fake.sent.slice(4).map(({ to }) => to))).toEqual(new Set(['a:1', 'b:1']));
  });

  const ONE = { hosts: ['a:1'], policy: { health: HEALTH } };
  const started = () => {
    inForce(ONE);
    fake.time.advance(0);
    const [check] = fake.checks;
    if (check === undefined) throw new Error('not checked');
    return check;
  };
  const said = () => targets()?.[0]?.lastCheck?.detail;

  test('want the whole answer in their time: one that accepts and never answers is bad', () => {
    const check = started();
    fake.time.advance(1_999);
    expect([said(), check.isAborted]).toEqual([undefined, false]);
    fake.time.advance(1);
    expect([said(), check.isAborted]).toEqual(['nothing in time', true]);
    expect(targets()?.[0]?.lastCheck).toMatchObject({ isGood: false, tookMs: 2_000 });
  });

  test('find one that stops in its answer bad', () => {
    const check = started();
    check.handler.onHead({ status: 200, headers: [] });
    check.handler.onData(Buffer.from('half'));
    fake.time.advance(2_000);
    expect([said(), check.isAborted]).toEqual(['nothing in time', true]);
  });

  test.each([
    ['no answer', (check: ReturnType<typeof started>) => check.refuse()],
    ['nothing in time', (check: ReturnType<typeof started>) => check.late()],
    [
      'half an answer',
      (check: ReturnType<typeof started>) => {
        check.handler.onHead({ status: 200, headers: [] });
        check.breakOff();
      },
    ],
    ['status 302', (check: ReturnType<typeof started>) => check.answer(302, ['location', 'http://elsewhere/'])],
  ])('say %s', (detail, act) => {
    act(started());
    expect(targets()?.[0]?.lastCheck).toMatchObject({ isGood: false, detail });
    expect(fake.checks).toHaveLength(1);
  });

  test('read no more of a page than is needed', () => {
    const check = started();
    check.handler.onHead({ status: 200, headers: [] });
    check.handler.onData(Buffer.alloc(64 * 1024));
    expect(check.isAborted).toBe(false);
    check.handler.onData(Buffer.alloc(1));
    expect([check.isAborted, targets()?.[0]?.lastCheck?.isGood]).toEqual([true, true]);
  });

  test('come again after their time, one at once', () => {
    started().answer();
    fake.time.advance(3_999);
    expect(fake.checks).toHaveLength(1);
    fake.time.advance(1);
    expect(fake.checks).toHaveLength(2);
    fake.time.advance(1_999);
    expect(fake.checks).toHaveLength(2);
  });

  test('go on through a reload that keeps them, begin anew with one that changes them, and end with their target', () => {
    inForce(ONE);
    fake.time.advance(0);
    inForce(ONE);
    expect([fake.checks.length, fake.closed]).toEqual([1, []]);
    inForce({ ...ONE, policy: { health: { ...HEALTH, path: '/other' } } });
    expect([fake.checks[0]?.isAborted, fake.closed]).toEqual([true, ['a:1']]);
    fake.time.advance(0);
    expect(fake.checks[1]?.request.target).toBe('/other');
    inForce({ hosts: ['b:1'], policy: {} });
    expect(fake.checks[1]?.isAborted).toBe(true);
    fake.time.advance(60_000);
    expect(fake.checks).toHaveLength(2);
    expect(states()).toEqual(['b:1 up']);
  });
});

test('what happens to a target that drains is told to nobody', () => {
  const both = inForce({ policy: { ejection: { failures: 1, forMs: 1_000, forMsMax: 1_000 } } });
  send(both);
  send(both);
  send(both);
  inForce({ hosts: ['b:1', 'c:1'], policy: { ejection: { failures: 1, forMs: 1_000, forMsMax: 1_000 } } });
  fake.sent[0]?.breakOff();
  fake.sent[2]?.breakOff();
  expect(fake.events).toEqual([]);
  // On the one that stays, as ever.
  fake.sent[1]?.breakOff();
  inForce({ hosts: ['c:1'] });
  fake.time.advance(5_000);
  expect(fake.events.map(({ kind }) => kind)).toEqual(['ejected']);
});
