import { chmod, mkdir, mkdtemp, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../config/load.ts';
import type { Finding, Patient } from './check.ts';
import { judgeClock } from './clock.ts';
import { examine } from './doctor.ts';
import { judgeNode } from './node-version.ts';
import { lookAround } from './upstreams-around.ts';
import type { PostgresFacts } from '../store/store-facts.ts';

const NOW_MS = Date.UTC(2026, 10, 22);

let folder: string;
let dataDir: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sg-doctor-'));
  dataDir = join(folder, 'data');
  await mkdir(dataDir, { mode: 0o700 });
});

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function look(more: Partial<Patient> = {}): Promise<Readonly<Record<string, Finding>>> {
  const findings = await examine({
    dataDir,
    cwd: folder,
    env: {},
    nowMs: Date.now(),
    configFile: undefined,
    loaded: undefined,
    storeExists: () => false,
    inspectStore: () => Promise.resolve({ kind: 'sqlite' }),
    failureText: (cause) => (cause instanceof RangeError ? cause.message : undefined),
    ...more,
  });
  return Object.fromEntries(findings.map((finding) => [finding.id, finding]));
}

async function configured(yaml: string): Promise<Partial<Patient>> {
  const configFile = join(folder, 'steadygate.yaml');
  await writeFile(configFile, yaml);
  const result = loadConfig(configFile, {});
  return { configFile, loaded: result.ok ? result.loaded : undefined };
}

async function listen(host: string): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function gate(environment: string, more: string): string {
  return `environment: ${environment}\nupstreams: { app: { url: 'http://127.0.0.1:9' } }\n${more}
routes: [ { path: /**, upstream: app, access: public } ]\n`;
}

describe('a healthy gate', () => {
  it('has nothing to complain of', async () => {
    const findings = Object.values(await look());
    expect(findings).toHaveLength(8);
    for (const { id, state, hint } of findings) expect({ id, state, hint }).toEqual({ id, state: 'ok', hint: '' });
  });

  it('need not have run yet', async () => {
    const findings = await look({ dataDir: join(folder, 'not', 'there') });
    expect(Object.values(findings).filter(({ state }) => state !== 'ok')).toEqual([]);
  });
});

describe('file modes', () => {
  it('SB15: data that others may use is named', async () => {
    await writeFile(join(dataDir, 'kek'), '', { mode: 0o600 });
    await chmod(join(dataDir, 'kek'), 0o640);
    expect((await look())['file-modes']).toMatchObject({ state: 'failed', message: expect.stringContaining('kek') });
    await chmod(join(dataDir, 'kek'), 0o600);
    await chmod(dataDir, 0o755);
    expect((await look())['file-modes']).toMatchObject({ state: 'failed' });
  });

  it('SB15: a secret file of the configuration that others may read is named', async () => {
    await writeFile(join(folder, 'voice'), 'a-long-and-random-value-81723', { mode: 0o644 });
    const patient = await configured(gate('development', 'secrets: { scrub: ["${file:voice}"] }'));
    expect(patient.loaded).toBeDefined();
    expect((await look(patient))['file-modes']).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('voice'),
    });
  });
});

describe('stray files', () => {
  it.each(['.env', '.env.backup', 'steadygate.yaml.bak', 'steadygate.yaml~', 'dump.sql.gz'])(
    'SB16: %s is reported',
    async (name) => {
      await writeFile(join(folder, name), '');
      expect((await look())['stray-files']).toMatchObject({ state: 'warning', message: expect.stringContaining(name) });
    },
  );

  it('an example of one is not', async () => {
    await writeFile(join(folder, '.env.example'), '');
    expect((await look())['stray-files']).toMatchObject({ state: 'ok' });
  });
});

describe('upstreams', () => {
  const upstream = (port: number, host = '127.0.0.1') => ({ app: { url: `http://${host}:${port}` } });

  it('SB20: one that answers on another address of this machine is reachable around the gate', async () => {
    const port = await listen('0.0.0.0');
    expect(await lookAround(upstream(port), ['127.0.0.2'])).toMatchObject({
      state: 'failed',
      message: `Reachable around the gate: app on 127.0.0.2 port ${port}.`,
    });
  });

  it('SB20: of several targets each is looked at', async () => {
    const [open, closed] = [await listen('0.0.0.0'), await listen('127.0.0.1')];
    const targets = [closed, open].map((port) => ({ url: `http://127.0.0.1:${port}`, weight: 1 }));
    expect(await lookAround({ app: { targets } }, ['127.0.0.2'])).toMatchObject({
      state: 'failed',
      message: `Reachable around the gate: app on 127.0.0.2 port ${open}.`,
    });
    const [first] = targets;
    const mixed = {
      app: { targets: [...(first === undefined ? [] : [first]), { url: 'http://192.0.2.7', weight: 1 }] },
    };
    expect(await lookAround(mixed, ['127.0.0.2'])).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('app (192.0.2.7)'),
    });
  });

  it('one that is bound to loopback is not', async () => {
    const port = await listen('127.0.0.1');
    expect(await lookAround(upstream(port), ['127.0.0.2'])).toMatchObject({ state: 'ok' });
  });

  it('one on another machine is never called fine', async () => {
    expect(await lookAround(upstream(80, '192.0.2.7'), [])).toMatchObject({ state: 'warning' });
    expect(await lookAround(upstream(80, 'nowhere.invalid'), [])).toMatchObject({ state: 'warning' });
  });

  it('one that is named by this machine’s own address is tried there', async () => {
    const port = await listen('127.0.0.3');
    expect(await lookAround(upstream(port, '127.0.0.3'), ['127.0.0.3'])).toMatchObject({ state: 'failed' });
  });
});

describe('the clock', () => {
  const good = { nowMs: NOW_MS, driftMs: 3, newestFileMs: NOW_MS };

  it.each([
    ['runs evenly', good, 'ok'],
    ['was never set', { ...good, nowMs: 0, newestFileMs: 0 }, 'failed'],
    ['went back', { ...good, newestFileMs: NOW_MS + 120_000 }, 'failed'],
    ['jumps', { ...good, driftMs: -5000 }, 'warning'],
  ])('%s', (_name, facts, state) => {
    expect(judgeClock(facts).state).toBe(state);
  });

  it('is compared with what was written', async () => {
    const future = new Date(Date.now() + 3_600_000);
    await writeFile(join(dataDir, 'x'), '', { mode: 0o600 });
    await utimes(join(dataDir, 'x'), future, future);
    expect((await look())['clock']).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('in the future'),
    });
  });
});

describe('proxies', () => {
  it('whoever is believed is listed; everybody is too many', async () => {
    const named = await configured(gate('development', 'trustedProxies: [10.0.0.1]'));
    expect((await look(named))['proxy-trust']).toMatchObject({
      state: 'ok',
      message: expect.stringContaining('10.0.0.1'),
    });
    const everyone = await configured(gate('development', 'trustedProxies: [0.0.0.0/0]'));
    expect((await look(everyone))['proxy-trust']).toMatchObject({ state: 'failed' });
  });

  it('a configuration that does not load is not fine', async () => {
    expect((await look(await configured('routes: 7')))['proxy-trust']).toMatchObject({ state: 'failed' });
  });
});

describe('the rest', () => {
  it('an old Node is refused', () => {
    expect(judgeNode('20.18.0').state).toBe('failed');
    expect(judgeNode('24.0.0').state).toBe('ok');
  });

  it('a data directory whose path is too long for a socket is named', async () => {
    expect((await look({ dataDir: join(folder, 'a'.repeat(100)) }))['control-socket']).toMatchObject({
      state: 'failed',
    });
  });

  it('a damaged store is named; a check that breaks is never fine', async () => {
    const damaged = () => {
      throw new RangeError('The store is damaged.');
    };
    const broken = () => {
      throw new TypeError('internal');
    };
    expect((await look({ storeExists: () => true, inspectStore: damaged }))['store']).toMatchObject({
      state: 'failed',
      message: 'The store is damaged.',
    });
    expect((await look({ storeExists: () => true, inspectStore: broken }))['store']).toMatchObject({ state: 'failed' });
  });

  const POSTGRES: PostgresFacts = {
    kind: 'postgres',
    role: 'gate_app',
    connection: { isSocket: false, protocol: 'TLSv1.3', isVerified: true },
    goesAround: false,
    excess: [],
    unprotected: [],
    seenWithoutTenant: 0,
    isDurable: true,
  };
  const plain = { isSocket: false, protocol: undefined, isVerified: false };
  it.each<[string, Partial<PostgresFacts>, string, RegExp]>([
    ['as it should be', {}, 'ok', /no more than it needs/],
    ['over a socket', { connection: { ...plain, isSocket: true } }, 'ok', /no more than it needs/],
    ['with a superuser', { goesAround: true }, 'failed', /goes around/],
    ['with an open table', { unprotected: ['session'] }, 'failed', /session/],
    ['with too many rights', { excess: ['make tables'] }, 'warning', /make tables/],
    ['that does not sync', { isDurable: false }, 'warning', /disk/],
    ['in plain text', { connection: plain }, 'warning', /not encrypted/],
    ['that nobody verified', { connection: { ...plain, protocol: 'TLSv1.3' } }, 'warning', /who it is/],
  ])('SS9, SS10: a PostgreSQL %s is judged', async (_what, change, state, message) => {
    const inspectStore = () => Promise.resolve({ ...POSTGRES, ...change });
    const { store } = await look({ storeExists: () => true, inspectStore });
    expect(store).toMatchObject({ state, message: expect.stringMatching(message) });
    expect(store?.hint === '').toBe(state === 'ok');
  });
});
