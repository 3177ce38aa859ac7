import { Readable } from 'node:stream';
import type { UpstreamPolicy } from '@steadygate/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { fakeUpstreams, Outcomes } from '../../test/fake-upstreams.ts';
import { poolOf } from '../../test/rig-upstreams.ts';
import type { UpstreamCall, UpstreamRequest } from '../proxy/upstream-client.ts';
import type { UpstreamPool } from './pool.ts';

let fake: ReturnType<typeof fakeUpstreams>;
beforeEach(() => {
  fake = fakeUpstreams();
});

const GET: UpstreamRequest = {
  method: 'GET',
  target: '/',
  headers: ['host', 'a:1', 'x-custom', 'kept'],
  body: undefined,
  timeouts: { headersMs: 1000 },
};
const POST: UpstreamRequest = { ...GET, method: 'POST', body: Buffer.from('{}') };
const TWO = [
  { url: 'http://a:1', weight: 1 },
  { url: 'http://b:1', weight: 1 },
];
const EJECTION = { failures: 2, forMs: 1_000, forMsMax: 60_000 };
const RETRY = { attempts: 1, share: 0.2, reserve: 10 };

function pool(policy: Partial<UpstreamPolicy> = {}, targets = TWO): UpstreamPool {
  // `poolOf` fills in the rest.
  return poolOf(fake.upstreams, { targets, policy: policy as UpstreamPolicy });
}

function send(to: UpstreamPool, request = GET): Outcomes & { call: UpstreamCall } {
  const outcomes = new Outcomes();
  return Object.assign(outcomes, { call: to.dispatch(request, outcomes) });
}

const view = () => fake.upstreams.views()[0];
const last = () => {
  const one = fake.sent.at(-1);
  if (one === undefined) throw new Error('nothing was sent');
  return one;
};

describe('a request', () => {
  test('goes to the targets in turn, with the host of each', () => {
    const both = pool();
    for (let count = 0; count < 3; count += 1) send(both);
    expect(fake.sent.map(({ to }) => to)).toEqual(['a:1', 'b:1', 'a:1']);
    expect(fake.sent[0]?.request).toBe(GET);
    expect(fake.sent[1]?.request.headers).toEqual(['host', 'b:1', 'x-custom', 'kept']);
  });

  test('has the one configured host, whichever target gets it', () => {
    const both = poolOf(fake.upstreams, { targets: TWO, host: 'app.internal' });
    expect(both.host).toBe('app.internal');
    const request = { ...GET, headers: ['host', both.host] };
    send(both, request);
    send(both, request);
    expect(fake.sent.map((one) => one.request)).toEqual([request, request]);
  });

  test('is handed on as it comes, and counts as in flight until its end', () => {
    const one = send(pool());
    expect(view()).toMatchObject({ inFlight: 1, targets: [{ inFlight: 1 }, { inFlight: 0 }] });
    last().handler.onHead({ status: 200, headers: [] });
    last().handler.onData(Buffer.from('body'));
    expect(view()?.inFlight).toBe(1);
    last().handler.onEnd();
    expect(one.seen).toEqual(['head 200', 'body', 'end']);
    expect(view()).toMatchObject({ inFlight: 0, targets: [{ inFlight: 0 }, { inFlight: 0 }] });
  });

  test('is paused, resumed and aborted where it runs', () => {
    const { call, seen } = send(pool());
    call.pause();
    expect(last().isPaused).toBe(true);
    call.resume();
    expect(last().isPaused).toBe(false);
    call.abort();
    call.abort();
    expect([last().isAborted, seen]).toEqual([true, ['upstream-failed']]);
    expect(view()).toMatchObject({ inFlight: 0, targets: [{ inFlight: 0, counts: { failures: 0 } }, {}] });
  });

  test('that streams sends others to where less runs', () => {
    const both = pool({ balance: 'leastConnections' });
    send(both);
    last().handler.onHead({ status: 200, headers: ['content-type', 'text/event-stream'] });
    const others = Array.from({ length: 3 }, () => {
      send(both);
      const { to } = last();
      last().answer();
      return to;
    });
    expect(others).toEqual(['b:1', 'b:1', 'b:1']);
  });
});

describe('a failed request', () => {
  test('whose connection was refused goes to another target, whatever its method', () => {
    const one = send(pool({ retry: RETRY }), POST);
    fake.sent[0]?.refuse();
    expect(fake.sent.map(({ to }) => to)).toEqual(['a:1', 'b:1']);
    expect(view()?.targets.map(({ inFlight }) => inFlight)).toEqual([0, 1]);
    expect(fake.sent[1]?.request).toMatchObject({
      method: 'POST',
      body: POST.body,
      headers: ['host', 'b:1', 'x-custom', 'kept'],
    });
    last().answer(201);
    expect(one.seen).toEqual(['head 201', 'end']);
    expect(view()).toMatchObject({ inFlight: 0, counts: { requests: 1, retries: 1 } });
    expect(view()?.targets.map(({ counts }) => [counts.requests, counts.failures])).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  test('with a body that nobody read goes on, and with one that was begun does not', () => {
    const both = pool({ retry: RETRY });
    send(both, { ...POST, body: Readable.from(['x']) });
    fake.sent[0]?.refuse();
    expect(fake.sent).toHaveLength(2);
    last().answer();
    const begun = Readable.from(['x']);
    begun.read();
    const one = send(both, { ...POST, body: begun });
    last().refuse();
    expect([fake.sent.length, one.seen]).toEqual([3, ['upstream-failed']]);
  });

  test('that broke off is repeated when it is a GET, never when it is not', () => {
    const both = pool({ retry: RETRY });
    send(both);
    fake.sent[0]?.breakOff();
    expect(fake.sent).toHaveLength(2);
    last().answer();
    const one = send(both, POST);
    last().breakOff();
    expect([fake.sent.length, one.seen]).toEqual([3, ['upstream-failed']]);
  });

  test('after its head stays failed: the caller has seen a part', () => {
    const one = send(pool({ retry: RETRY }));
    last().handler.onHead({ status: 200, headers: [] });
    last().breakOff();
    expect([fake.sent.length, one.seen]).toEqual([1, ['head 200', 'upstream-failed']]);
    expect(view()?.targets[0]?.counts.failures).toBe(1);
  });

  test('after a time-out stays failed: its time is over', () => {
    const one = send(pool({ retry: RETRY }));
    last().late();
    expect([fake.sent.length, one.seen]).toEqual([1, ['upstream-timeout']]);
  });

  test('is tried on as many others as may be, each once', () => {
    const three = pool({ retry: { ...RETRY, attempts: 3 } }, [...TWO, { url: 'http://c:1', weight: 1 }]);
    const one = send(three);
    for (let count = 0; count < 3; count += 1) fake.sent[count]?.refuse();
    expect(fake.sent.map(({ to }) => to)).toEqual(['a:1', 'b:1', 'c:1']);
    expect(one.seen).toEqual(['upstream-failed']);
    expect(view()?.inFlight).toBe(0);
  });

  test('is tried on no more of them than may be', () => {
    const three = pool({ retry: RETRY }, [...TWO, { url: 'http://c:1', weight: 1 }]);
    const one = send(three);
    fake.sent[0]?.refuse();
    fake.sent[1]?.refuse();
    expect([fake.sent.length, one.seen]).toEqual([2, ['upstream-failed']]);
  });

  test('does not go to one that is out of service', () => {
    const both = pool({ retry: RETRY });
    const [, second] = both.targets;
    if (second !== undefined) second.isUp = false;
    const one = send(both);
    last().refuse();
    expect([fake.sent.length, one.seen]).toEqual([1, ['upstream-failed']]);
  });

  test('is not repeated when its caller left', () => {
    const one = send(pool({ retry: RETRY }));
    one.call.abort();
    expect(fake.sent).toHaveLength(1);
  });

  test('finds no retry when the budget is spent, and one again after enough requests', () => {
    const both = pool({ retry: { attempts: 1, share: 0.5, reserve: 1 } });
    send(both);
    last().refuse();
    last().refuse();
    // The first request earned nothing: the reserve was full. The second one earns a half.
    send(both);
    last().refuse();
    expect(fake.sent).toHaveLength(3);
    send(both);
    last().answer();
    send(both);
    last().refuse();
    expect(fake.sent).toHaveLength(6);
    expect(view()?.counts).toMatchObject({ requests: 4, retries: 2, retriesOverBudget: 1 });
  });

  test('as it is sent leaves the call with the attempt that runs', () => {
    fake.refusing.add('a:1');
    const one = send(pool({ retry: RETRY }));
    expect(fake.sent.map(({ to }) => to)).toEqual(['a:1', 'b:1']);
    one.call.abort();
    expect(fake.sent.map(({ isAborted }) => isAborted)).toEqual([false, true]);
  });
});

describe('ejection', () => {
  const failing = (both: UpstreamPool, count: number): void => {
    for (let done = 0; done < count;) {
      send(both, POST);
      if (last().to === 'a:1') done += 1;
      if (last().to === 'a:1') last().breakOff();
      else last().answer();
    }
  };
  const states = () => view()?.targets.map(({ state }) => state);

  test('leaves a target out after failures in a row, tells it, and brings it back when its time is over', () => {
    const both = pool({ ejection: EJECTION });
    failing(both, 2);
    expect([states(), view()?.targets[0]?.ejectedUntilMs]).toEqual([['ejected', 'up'], fake.time.nowMs + 1_000]);
    const during = Array.from({ length: 4 }, () => {
      send(both);
      return last().to;
    });
    expect(new Set(during)).toEqual(new Set(['b:1']));
    fake.time.advance(1_000);
    expect(states()).toEqual(['up', 'up']);
    expect(fake.events).toMatchObject([
      { kind: 'ejected', upstream: 'app', target: 'http://a:1' },
      { kind: 'returned', target: 'http://a:1' },
    ]);
    for (let count = 0; count < 3; count += 1) send(both);
    expect(new Set(fake.sent.slice(-3).map(({ to }) => to))).toEqual(new Set(['a:1', 'b:1']));
  });

  test('never takes the last one', () => {
    const both = pool({ ejection: EJECTION });
    for (let count = 0; count < 20; count += 1) {
      send(both);
      last().breakOff();
    }
    expect(states()?.filter((state) => state === 'up')).toHaveLength(1);
  });

  test('counts a status only where that is configured', () => {
    const both = pool({ ejection: EJECTION });
    for (let count = 0; count < 8; count += 1) {
      send(both);
      last().answer(last().to === 'a:1' ? 503 : 200);
    }
    expect(states()).toEqual(['up', 'up']);
    const strict = pool({ ejection: EJECTION, failureStatuses: [503] });
    for (let count = 0; count < 8; count += 1) {
      send(strict);
      last().answer(last().to === 'a:1' ? 503 : 200);
    }
    expect(states()).toEqual(['ejected', 'up']);
  });

  test('does not count who was sent away, left or sent a bad body', () => {
    const both = pool({ ejection: EJECTION });
    for (let count = 0; count < 8; count += 1) send(both).call.abort();
    expect(states()).toEqual(['up', 'up']);
  });

  test('does not count what was under way when it began', () => {
    const both = pool({ ejection: EJECTION });
    for (let count = 0; count < 12; count += 1) send(both);
    const onA = fake.sent.filter(({ to }) => to === 'a:1');
    onA[0]?.late();
    onA[1]?.late();
    fake.time.advance(1_000);
    for (const one of onA.slice(2)) one.late();
    expect(states()).toEqual(['up', 'up']);
    expect(view()?.targets[0]?.counts).toMatchObject({ ejections: 1, failures: 6 });
  });

  test('an event stream that began is a success, though it may never end', () => {
    const both = pool({ ejection: EJECTION });
    failing(both, 1);
    do send(both);
    while (last().to !== 'a:1');
    last().handler.onHead({ status: 200, headers: ['content-type', 'text/event-stream; charset=utf-8'] });
    failing(both, 1);
    expect(states()).toEqual(['up', 'up']);
  });

  test('with a retry costs callers nothing', () => {
    const both = pool({ ejection: EJECTION, retry: RETRY });
    fake.refusing.add('a:1');
    const all = Array.from({ length: 10 }, () => {
      const one = send(both, POST);
      last().answer();
      return one.seen;
    });
    expect(all).toEqual(Array.from({ length: 10 }, () => ['head 200', 'end']));
    expect(view()?.counts.retries).toBe(2);
  });
});

describe('concurrency', () => {
  const limited = (more: Partial<UpstreamPolicy['concurrency']> = {}) =>
    pool({ concurrency: { max: 2, queueMax: 2, waitMs: 500, ...more } });

  test('lets so many run, lets so many wait in their order, and refuses the rest with a time to come back', () => {
    const both = limited();
    const all = Array.from({ length: 5 }, (_, at) => send(both, { ...GET, target: `/${at}` }));
    expect(view()).toMatchObject({ inFlight: 2, inFlightMax: 2, queued: 2, queueMax: 2 });
    expect(all[4]?.seen).toEqual(['upstream-busy']);
    expect(all[4]?.problem?.facts).toEqual({ retryAfterSeconds: 1 });
    fake.sent[0]?.answer();
    fake.sent[1]?.answer();
    expect(fake.sent.map(({ request }) => request.target)).toEqual(['/0', '/1', '/2', '/3']);
    for (const one of fake.sent.slice(2)) one.answer();
    expect(view()).toMatchObject({ inFlight: 0, queued: 0, counts: { requests: 5, queueFull: 1 } });
  });

  test('lets nobody wait longer than may be', () => {
    const both = limited({ queueMax: 9 });
    send(both);
    send(both);
    const early = send(both);
    fake.time.advance(300);
    const later = send(both);
    fake.time.advance(200);
    expect([early.seen, later.seen]).toEqual([['upstream-busy'], []]);
    fake.time.advance(300);
    expect(later.seen).toEqual(['upstream-busy']);
    expect(view()).toMatchObject({ queued: 0, inFlight: 2, counts: { waitedTooLong: 2 } });
  });

  test('gives the place of whoever leaves the queue to nobody, and lets the next one in', () => {
    const both = limited();
    send(both);
    send(both);
    const gone = send(both);
    send(both, { ...GET, target: '/next' });
    gone.call.abort();
    gone.call.abort();
    expect([gone.seen, view()?.queued, view()?.counts.leftQueue]).toEqual([['upstream-failed'], 1, 1]);
    fake.sent[0]?.answer();
    expect(fake.sent.map(({ request }) => request.target)).toEqual(['/', '/', '/next']);
  });

  test('keeps what a caller wanted while it waited', () => {
    const both = limited({ max: 1 });
    send(both);
    const paused = send(both);
    paused.call.pause();
    fake.sent[0]?.answer();
    expect(last().isPaused).toBe(true);
  });

  test('a thousand that wait and fail at once do not pile up on one another', () => {
    const both = limited({ max: 1, queueMax: 10_000 });
    send(both);
    const waiting = Array.from({ length: 10_000 }, () => send(both));
    fake.refusing.add('a:1').add('b:1');
    fake.sent[0]?.answer();
    expect(waiting.every(({ seen }) => seen.join() === 'upstream-failed')).toBe(true);
    expect(view()).toMatchObject({ inFlight: 0, queued: 0 });
  });
});

describe('the breaker', () => {
  const breaker = { failurePercent: 50, requestsMin: 4, withinMs: 10_000, openMs: 1_500, probes: 1 };
  const fail = (both: UpstreamPool, count: number): void => {
    for (let done = 0; done < count; done += 1) {
      send(both);
      last().breakOff();
    }
  };

  test('opens, refuses at once with the time it stays so, lets its probe through and closes', () => {
    const both = pool({ breaker });
    expect(view()?.breaker).toBe('closed');
    fail(both, 4);
    fake.time.advance(400);
    const refused = send(both);
    expect([refused.seen, refused.problem?.facts]).toEqual([['upstream-unavailable'], { retryAfterSeconds: 2 }]);
    expect([view()?.breaker, fake.sent.length]).toEqual(['open', 4]);
    fake.time.advance(1_100);
    const probe = send(both);
    expect([view()?.breaker, send(both).seen]).toEqual(['halfOpen', ['upstream-unavailable']]);
    last().answer();
    expect([probe.seen, view()?.breaker]).toEqual([['head 200', 'end'], 'closed']);
    expect(view()?.counts).toMatchObject({ breakerOpened: 1, refusedByBreaker: 2 });
    expect(fake.events.map(({ kind }) => kind)).toEqual(['breakerOpened', 'breakerClosed']);
  });

  test('is told once that it opened, however often its probes fail', () => {
    const both = pool({ breaker });
    fail(both, 4);
    for (let count = 0; count < 3; count += 1) {
      fake.time.advance(1_500);
      fail(both, 1);
    }
    expect(fake.events.map(({ kind }) => kind)).toEqual(['breakerOpened']);
    expect(view()?.counts.breakerOpened).toBe(4);
  });

  test('counts what callers got: a retry that worked is no failure', () => {
    const both = pool({ breaker, retry: RETRY });
    fake.refusing.add('a:1');
    for (let count = 0; count < 8; count += 1) {
      send(both);
      last().answer();
    }
    expect(view()?.breaker).toBe('closed');
  });

  test('counts an answer once: one that broke off in the middle had begun well', () => {
    const both = pool({ breaker });
    for (let count = 0; count < 8; count += 1) {
      send(both);
      last().handler.onHead({ status: 200, headers: [] });
      last().breakOff();
    }
    expect(view()?.breaker).toBe('closed');
  });

  test('lets nobody wait for what is refused anyway', () => {
    const both = pool({ breaker, concurrency: { max: 1, queueMax: 9, waitMs: 500 } });
    fail(both, 4);
    fake.time.advance(1_500);
    send(both);
    expect([send(both).seen, view()]).toMatchObject([['upstream-unavailable'], { inFlight: 1, queued: 0 }]);
  });

  test('counts configured statuses, and no caller that leaves', () => {
    const both = pool({ breaker, failureStatuses: [503] });
    for (let count = 0; count < 8; count += 1) send(both).call.abort();
    expect(view()?.breaker).toBe('closed');
    for (let count = 0; count < 4; count += 1) {
      send(both);
      last().answer(503);
    }
    expect(view()?.breaker).toBe('open');
  });

  test('gives the place of a probe whose caller left to another one', () => {
    const both = pool({ breaker });
    fail(both, 4);
    fake.time.advance(1_500);
    send(both).call.abort();
    send(both);
    last().answer();
    expect(view()?.breaker).toBe('closed');
  });

  test('refuses those that waited when it opened', () => {
    const both = pool({ breaker, concurrency: { max: 4, queueMax: 9, waitMs: 500 } });
    for (let count = 0; count < 4; count += 1) send(both);
    const waiting = send(both);
    for (const one of fake.sent.slice(0, 4)) one.breakOff();
    // The first of the four let it in, before the breaker opened.
    expect(waiting.seen).toEqual([]);
    last().answer();
    expect([send(both).seen, view()]).toMatchObject([['upstream-unavailable'], { inFlight: 0, queued: 0 }]);
  });
});
