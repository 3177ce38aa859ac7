import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningGate, startGate } from './support/gate.ts';
import { platformCaller } from './support/platform.ts';
import { startTarget, type TargetProcess } from './support/target-process.ts';
import { until } from './support/until.ts';

let a: TargetProcess;
let b: TargetProcess;
let gate: RunningGate;

beforeAll(async () => {
  [a, b] = await Promise.all([startTarget('a'), startTarget('b')]);
});
afterAll(async () => {
  await Promise.all([a.stop(), b.stop()]);
});
afterEach(async () => {
  await gate.stop();
});

interface TargetState {
  readonly url: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
}

interface UpstreamState {
  readonly targets: readonly TargetState[];
  readonly counts: Readonly<Record<string, number>>;
}

let platform: { readonly authorization: string };

async function start(config: object): Promise<void> {
  gate = await startGate({ config });
  platform = await platformCaller(gate);
}

/** Without the cost of a command. */
async function listed(): Promise<UpstreamState> {
  const answer = await fetch(`${gate.url}/control/v1/upstreams`, { headers: platform });
  return JSON.parse(await answer.text()).upstreams[0];
}

const stateOf = async ({ url }: TargetProcess): Promise<TargetState | undefined> =>
  (await listed()).targets.find((target) => target.url === url);

const alerts = (kind: string): readonly string[] => gate.lines.filter((line) => line.includes(`"alert":"${kind}"`));

interface Answered {
  readonly method: string;
  readonly status: number;
  readonly from: string;
  readonly startedMs: number;
}

/** Callers that ask one after the other until they are told to stop. */
function load(methods: readonly string[]): { readonly seen: Answered[]; stop(): Promise<void> } {
  const seen: Answered[] = [];
  let isOver = false;
  const caller = async (method: string): Promise<void> => {
    while (!isOver) {
      const startedMs = Date.now();
      const init = method === 'GET' ? {} : { method, body: '{}', headers: { 'content-type': 'application/json' } };
      const answer = await fetch(`${gate.url}/open/x`, init);
      const { name = '' } = JSON.parse(await answer.text());
      seen.push({ method, status: answer.status, from: name, startedMs });
      // Others need this machine, too.
      await sleep(5);
    }
  };
  const running = Promise.all(methods.map(caller));
  return {
    seen,
    stop: async () => {
      isOver = true;
      await running;
    },
  };
}

function configOf(upstream: object, timeouts: object = {}): object {
  return {
    environment: 'development',
    upstreams: { app: { targets: [{ url: a.url }, { url: b.url }], ...upstream } },
    routes: [{ path: '/open/**', upstream: 'app', access: 'public', limits: 'off', websocket: true }],
    limits: { general: '100000/1m', timeouts },
  };
}

const failed = (seen: readonly Answered[]): readonly Answered[] => seen.filter(({ status }) => status !== 200);

describe('one of two targets is killed under load', () => {
  const MIXED = [...Array.from({ length: 12 }, () => 'GET'), ...Array.from({ length: 4 }, () => 'POST')];

  afterEach(async () => {
    await a.kill();
    await a.restart();
  });

  it('no GET fails at all; no request fails after the ejection; it comes back by itself', async () => {
    await start(configOf({ ejection: { failures: 3, for: '500ms', forMax: '500ms' } }));
    const running = load(MIXED);
    await until('both answer', () => new Set(running.seen.map(({ from }) => from)).size === 2 || undefined);
    await sleep(300);
    await a.kill();
    await until('it is ejected', () => alerts('upstream-down')[0]);
    const ejectedMs = Date.now();
    // Through several ejections: each probation meets a dead target again.
    await sleep(2_000);
    await a.restart();
    const restartedMs = Date.now();
    await until(
      'it answers again',
      () => running.seen.some(({ from, startedMs }) => from === 'a' && startedMs > restartedMs) || undefined,
    );
    await sleep(500);
    await running.stop();

    expect(running.seen.length).toBeGreaterThan(200);
    expect(failed(running.seen.filter(({ method }) => method === 'GET'))).toEqual([]);
    // What was on its way as it died may have had its effect, so it is not repeated.
    expect(failed(running.seen.filter(({ startedMs }) => startedMs > ejectedMs))).toEqual([]);
    const back = await stateOf(a);
    expect(back?.state).toBe('up');
    expect(back?.counts['ejections']).toBeGreaterThan(1);
    expect(alerts('upstream-up').length).toBeGreaterThan(0);
    const { counts } = await listed();
    expect(counts['retries']).toBeGreaterThan(0);
    expect(counts['retriesOverBudget']).toBe(0);
    const ofA = `{upstream="app",target="${a.url}"`;
    const { stdout: metrics } = await gate.cli('metrics');
    expect(metrics).toContain(`steadygate_upstream_target_state${ofA},state="up"} 1\n`);
    expect(metrics).toContain(`steadygate_upstream_target_state${ofA},state="ejected"} 0\n`);
    expect(metrics).toContain(`steadygate_upstream_target_ejections_total${ofA}} ${back?.counts['ejections']}\n`);
    expect(metrics).toContain(`steadygate_upstream_retries_total{upstream="app"} ${counts['retries']}\n`);
  });

  it('checks find it down and up again, and say so in the list and in the log', async () => {
    const health = { path: '/health', every: '100ms', timeout: '500ms', unhealthyAfter: 2, healthyAfter: 2 };
    const ejection = { for: '300ms', forMax: '300ms' };
    await start(configOf({ health, ejection }));
    const running = load(MIXED);
    await until('it was checked', async () => ((await stateOf(a))?.counts['checks'] ?? 0) > 0 || undefined);
    expect((await gate.cli('upstream', 'list')).code).toBe(0);
    await a.kill();
    await until('it is down', () => alerts('upstream-down').find((line) => line.includes('is down')));
    const downMs = Date.now();
    expect(await stateOf(a)).toMatchObject({ state: 'down', lastCheck: { isGood: false, detail: 'no answer' } });
    const shown = await gate.cli('upstream', 'list');
    expect([shown.code, shown.stdout]).toEqual([1, expect.stringMatching(/down .*bad: no answer/)]);
    await a.restart();
    await until('it is up', () => alerts('upstream-up').find((line) => line.includes('is up')));
    const upMs = Date.now();
    await until(
      'it answers',
      () => running.seen.some(({ from, startedMs }) => from === 'a' && startedMs > upMs) || undefined,
    );
    await running.stop();
    expect(failed(running.seen.filter(({ method }) => method === 'GET'))).toEqual([]);
    const whileDown = running.seen.filter(({ startedMs }) => startedMs > downMs + 50 && startedMs < upMs - 300);
    expect(new Set(whileDown.map(({ from }) => from))).toEqual(new Set(['b']));
    expect(await stateOf(a)).toMatchObject({ state: 'up', lastCheck: { isGood: true, detail: 'status 200' } });
  });
});

describe('a target that accepts and never answers', () => {
  const STOPPED = { headers: '400ms', connect: '400ms' };
  afterEach(() => {
    a.signal('SIGCONT');
  });

  it('costs its callers the time-out until it is ejected, and then nobody; it comes back when it goes on', async () => {
    const upstream = { ejection: { failures: 3, for: '3s', forMax: '3s' } };
    await start(configOf(upstream, STOPPED));
    const running = load(Array.from({ length: 8 }, () => 'GET'));
    await until('both answer', () => new Set(running.seen.map(({ from }) => from)).size === 2 || undefined);
    a.signal('SIGSTOP');
    await until('it is ejected', () => alerts('upstream-down')[0]);
    const ejectedMs = Date.now();
    await sleep(900);
    a.signal('SIGCONT');
    const goesOnMs = Date.now();
    await until(
      'it answers again',
      () => running.seen.some(({ from, startedMs }) => from === 'a' && startedMs > goesOnMs) || undefined,
    );
    await running.stop();
    const bad = failed(running.seen);
    expect(bad.length).toBeGreaterThan(0);
    expect(new Set(bad.map(({ status }) => status))).toEqual(new Set([504]));
    expect(bad.filter(({ startedMs }) => startedMs > ejectedMs)).toEqual([]);
  });

  it('is found out by checks before callers have to', async () => {
    const health = { path: '/health', every: '100ms', timeout: '200ms', unhealthyAfter: 2 };
    await start(configOf({ health }, { headers: '20s' }));
    await until('it was checked', async () => ((await stateOf(a))?.counts['checks'] ?? 0) > 0 || undefined);
    a.signal('SIGSTOP');
    await until('it is down', () => alerts('upstream-down')[0]);
    const running = load(Array.from({ length: 4 }, () => 'POST'));
    await until('many were served', () => running.seen.length > 40 || undefined);
    await running.stop();
    expect(failed(running.seen)).toEqual([]);
    expect(await stateOf(a)).toMatchObject({ state: 'down', lastCheck: { detail: 'nothing in time' } });
  });
});
