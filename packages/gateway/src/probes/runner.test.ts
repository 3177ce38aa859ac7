import { describe, expect, it } from 'vitest';
import { breakableGate, loadedConfig } from './breakable-gate.contract.ts';
import { addressesFor } from './mirror-addresses.ts';
import { mirrorConfig, mirrorNames } from './mirror-config.ts';
import { probe, type Probe, type ProbeContext } from './probe.ts';
import { configDigest } from '../config/config-digest.ts';
import { runProbes } from './runner.ts';

const CLAIM = { id: 'SB1', area: 'access', claim: 'It holds.', asvs: ['8.2.1'], soc2: ['CC6.1'] } as const;
const TIMES = { eachMs: 1_000, allMs: 10_000 };
const good = probe('SB1', ['waf'], async () => 'Seen.');

/** Only what the runner itself asks for: the present time, and how guards run. */
function context(mode?: 'shadow' | 'off', nowMs = () => 1_000): ProbeContext {
  const guards = [{ id: 'waf', ...(mode === undefined ? {} : { mode }) }];
  const table = {
    rows: () => [{ methods: '*', path: '/api/**', access: 'session' }],
    match: () => ({ route: { guards } }),
  };
  // The runner looks at nothing else.
  return { nowMs, running: { generation: () => ({ table }) } } as unknown as ProbeContext;
}

async function stateOf(ctx: ProbeContext, probes: readonly Probe[], times = TIMES) {
  const [control] = await runProbes(ctx, { claims: [CLAIM], probes, times });
  return control;
}

describe('runProbes', () => {
  it('says what was seen, when, and which requirements it speaks to', async () => {
    const { id, area, claim, asvs, soc2 } = CLAIM;
    const seen = { state: 'proven', detail: 'Seen.', checkedAt: 1_000 };
    expect(await stateOf(context(), [good])).toEqual({ id, area, claim, asvs, soc2, ...seen });
  });

  it.each(['shadow', 'off'] as const)('T23: a claim whose guard is in mode %s is never proven', async (mode) => {
    expect(await stateOf(context(mode), [good])).toMatchObject({
      state: 'failing',
      detail: `Not enforced: waf is in mode ${mode} on /api/**.`,
    });
  });

  it.each([
    [new Error('lost'), 'The probe could not finish: lost.'],
    [
      Object.assign(new Error('connect 10.0.0.1'), { code: 'ECONNREFUSED' }),
      'The probe could not finish: ECONNREFUSED.',
    ],
    ['text', 'The probe could not finish: a bug.'],
  ])('a probe that throws proves nothing', async (cause, detail) => {
    const run = (): Promise<never> => Promise.reject(cause);
    expect(await stateOf(context(), [{ control: 'SB1', guards: [], run }])).toMatchObject({ state: 'failing', detail });
  });

  it('a probe that does not finish in time proves nothing', async () => {
    const endless = probe('SB1', [], () => new Promise(() => undefined));
    expect(await stateOf(context(), [endless], { eachMs: 10, allMs: 1_000 })).toMatchObject({ state: 'failing' });
  });

  it('T23: a claim without fresh evidence is stale', async () => {
    expect(await stateOf(context(), [])).toMatchObject({ state: 'stale', checkedAt: null });
    let calls = 0;
    const late = context(undefined, () => (calls++ === 0 ? 0 : 60_000));
    expect(await stateOf(late, [good])).toMatchObject({ state: 'stale', checkedAt: null });
  });
});

describe('configDigest', () => {
  it('names a configuration, whatever the order of its keys, and says nothing about its secrets', () => {
    const { config } = loadedConfig();
    const { routes, ...rest } = config;
    expect(configDigest(config)).toMatch(/^[0-9a-f]{64}$/);
    expect(configDigest({ routes, ...rest })).toBe(configDigest(config));
    expect(configDigest(loadedConfig('limits: { general: 200/15m }').config)).not.toBe(configDigest(config));
    expect(configDigest({ ...config, secrets: { scrub: [config.secrets.scrub[0]] } })).toBe(
      configDigest({ ...config, secrets: { scrub: [loadedConfig().config.secrets.scrub[0]] } }),
    );
  });
});

describe('addressesFor', () => {
  it.each([
    [[], [], undefined, '198.51.100.1'],
    [['127.0.0.0/8'], [], undefined, '127.0.0.1'],
    [['10.1.2.0/24'], [], '10.1.2.1', '10.1.2.2'],
    [['10.1.2.0/24'], ['10.1.2.0/31'], '10.1.2.2', '10.1.2.3'],
    [['2001:db8::/32'], [], '2001:db8::', '2001:db8::'],
    [[], ['127.0.0.1'], '198.51.100.1', '198.51.100.2'],
  ])('finds addresses that %j and %j let in', (allow, deny, usual, next) => {
    const addresses = addressesFor({ allow, deny });
    expect(addresses.usual).toBe(usual);
    expect(addresses.next()).toBe(next);
  });
});

describe('mirror', () => {
  it('T23: leaves nothing behind, and its upstreams are the sink', async () => {
    const gate = await breakableGate();
    const { upstreams } = gate.mirror.gate.runtime.current();
    expect(
      new Set([...upstreams.values()].map(({ pool }) => pool.targets.map(({ address }) => address.url.origin).join())),
    ).toEqual(new Set([gate.mirror.sink.url]));
    await gate.close();
    await expect(gate.mirror.client.send({ path: '/health/live' })).rejects.toThrow('ECONNREFUSED');
  });

  it('T23: no target, check or limit of an upstream is left in it', () => {
    const loaded = loadedConfig();
    const { upstreams } = loaded.config;
    const app = upstreams['app'];
    if (app === undefined) throw new Error('no upstream');
    const rich = {
      ...app,
      url: undefined,
      host: 'app.internal',
      targets: [{ url: 'http://10.0.0.1', weight: 1 }],
      concurrency: { max: 1, queue: 0, wait: 1 },
      failureStatuses: [503],
    };
    const mirrored = mirrorConfig(
      { ...loaded, config: { ...loaded.config, upstreams: { app: rich } } },
      'http://127.0.0.1:1',
      mirrorNames(),
    );
    expect(mirrored.config.upstreams['app']).toEqual({
      url: 'http://127.0.0.1:1',
      injectHeaders: {},
      balance: 'roundRobin',
      failureStatuses: [],
    });
  });

  it('T23: credentials of the gate itself do not sign there', async () => {
    const [one, other] = [await breakableGate(), await breakableGate()];
    try {
      const keys = async (of: typeof one) => (await of.mirror.client.send({ path: '/.well-known/jwks.json' })).body;
      expect(await keys(one)).not.toBe(await keys(other));
    } finally {
      await one.close();
      await other.close();
    }
  });
});
