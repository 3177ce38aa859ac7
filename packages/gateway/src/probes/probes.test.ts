import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLAIMS } from '@steadygate/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BreakableGate,
  breakableGate,
  loadedConfig,
  type Tamper,
  tampered,
  without,
} from './breakable-gate.contract.ts';
import { memoryBuckets } from '../counters/memory.ts';
import { type Family, family } from '../metrics/metric.ts';
import { PROBES } from './catalogue.ts';
import type { ProbeAnswer } from './http-client.ts';
import type { ProbeSession } from './mirror.ts';
import type { PostgresFacts } from '../store/store-facts.ts';
import type { ProbeContext, RunningGate } from './probe.ts';

let gate: BreakableGate;
beforeAll(async () => {
  gate = await breakableGate();
});
afterAll(() => gate.close());

function run(control: string, ctx: ProbeContext) {
  const probe = PROBES.find((candidate) => candidate.control === control);
  if (probe === undefined) throw new Error(`no probe for ${control}`);
  return probe.run(ctx);
}

describe('probes', () => {
  it('are one for each claim, and no more', () => {
    expect(PROBES.map(({ control }) => control).toSorted()).toEqual(CLAIMS.map(({ id }) => id).toSorted());
  });

  it.each(PROBES)('$control is proven on a gate as it should be', async (probe) => {
    expect(await probe.run(gate.ctx)).toMatchObject({ state: 'proven' });
  });
});

describe('probes of a gate in production', () => {
  const PRODUCTION = `
listen: { origins: [ "https://app.example.com" ] }
tls: { terminatedBy: nginx }
trustedProxies: [ 10.9.9.9 ]
guards: { addresses: { allow: [ 10.0.0.0/8 ], deny: [ 10.66.0.0/16 ] }, cors: { origins: [ "https://partner.example" ], credentials: true }, text: {}, waf: {} }
`;
  let production: BreakableGate;
  beforeAll(async () => {
    production = await breakableGate(loadedConfig(PRODUCTION, 'production'));
  });
  afterAll(() => production.close());

  // The mirror stands for the listener as well, and has the key that this configuration lacks.
  it.each(PROBES.filter(({ control }) => control !== 'WK9'))('$control is proven there too', async (probe) => {
    expect(await probe.run(production.ctx)).toMatchObject({ state: 'proven' });
  });

  it('WK9 fails there without a key-encryption key', async () => {
    expect(await run('WK9', production.ctx)).toMatchObject({ state: 'failing' });
  });
});

/** Guards without which a claim is not true: taken out of the very table that decides. */
describe('a gate without a guard', () => {
  it.each([
    ['SB1', 'authenticate'],
    ['SB4', 'permission'],
    ['SB5', 'ownership'],
    ['SB6', 'limit.principal'],
    ['SB7', 'authenticate'],
    ['SB11', 'authenticate'],
    ['SB14', 'sensitive-path'],
    ['SB22', 'csrf'],
    ['AU3', 'authenticate'],
    ['AU4', 'authenticate'],
    ['AU5', 'csrf'],
    ['AU8', 'authenticate'],
    ['WK14', 'address'],
    ['WK4', 'text'],
    ['WK15', 'waf'],
    ['SS15', 'schema'],
    ['WK1', 'authenticate'],
    ['SS6', 'authenticate'],
    ['WK2', 'limit.key'],
    ['WK3', 'block.caller'],
    ['WK3', 'block.address'],
  ])('%s fails without %s', async (control, guard) => {
    const result = await gate.weakened(without(guard), () => run(control, gate.ctx));
    expect(result.state).toBe('failing');
    expect(result.detail).toMatch(/^[^\n]{10,250}[.]$/);
  });

  it('SB18 fails without the scrubber', async () => {
    const weaken = (generation: Parameters<Parameters<BreakableGate['weakened']>[0]>[0]) => ({
      ...generation,
      scrubber: undefined,
    });
    expect(await gate.weakened(weaken, () => run('SB18', gate.ctx))).toMatchObject({
      state: 'failing',
      detail: expect.stringContaining('came back'),
    });
  });
});

const status = (from: number, to: number): Tamper => {
  return (answer) => (answer.status === from ? { ...answer, status: to } : answer);
};
const field = (name: string, value: string | undefined): Tamper => {
  return (answer) => ({ ...answer, headers: { ...answer.headers, [name]: value } });
};
const body = (path: string, change: (text: string) => string): Tamper => {
  return (answer, request) => (request.path.startsWith(path) ? { ...answer, body: change(answer.body) } : answer);
};
const cookies = (change: (cookie: string) => string): Tamper => {
  return (answer) => ({ ...answer, cookies: answer.cookies.map(change) });
};
const letIn: Tamper = (answer, { headers }) => {
  const origin = headers?.['origin'];
  return origin === undefined ? answer : field('access-control-allow-origin', origin)(answer, { path: '' });
};
const withKey = (member: object) =>
  body('/.well-known/', (text) => text.replace('{"kty"', `${JSON.stringify(member).slice(0, -1)},"kty"`));

describe('a gate that answers otherwise', () => {
  it.each<[string, string, Tamper]>([
    ['SB1', 'a route is open', status(401, 200)],
    ['SB2', 'old sessions go on', status(401, 200)],
    ['SB3', 'a known code lets in', status(401, 200)],
    ['SB4', 'a viewer may write', status(403, 200)],
    ['SB5', "others' objects are found", status(404, 200)],
    ['SB5', 'a list is not filtered', body('/sg-probe', () => '{"items":[{"id":"1"},{"id":"2"}]}')],
    ['SB6', 'nothing is refused', status(429, 200)],
    ['SB6', 'a refusal does not say when', field('retry-after', undefined)],
    ['SB7', 'every code is judged', status(429, 401)],
    ['SB8', 'any origin is let in', letIn],
    ['SB8', 'everybody is let in', field('access-control-allow-origin', '*')],
    ['SB9', 'no content security policy', field('content-security-policy', undefined)],
    ['SB9', 'frames are open', field('content-security-policy', "object-src 'none'; base-uri 'none'")],
    ['SB9', 'no nosniff', field('x-content-type-options', undefined)],
    ['SB9', 'no referrer policy', field('referrer-policy', 'unsafe-url')],
    ['SB9', 'no opener policy', field('cross-origin-opener-policy', undefined)],
    ['SB9', 'no permissions policy', field('permissions-policy', undefined)],
    ['SB9', 'HSTS for a day', field('strict-transport-security', 'max-age=86400')],
    ['SB11', 'sockets are open', status(401, 101)],
    ['SB14', 'a sensitive path is served', status(403, 200)],
    ['SB18', 'a key comes back', body('/sg-probe', (text) => text + gate.mirror.names.injected.value)],
    ['SB21', 'a token in the body', body('/auth/login', () => '{"token":"t"}')],
    ['SB21', 'a cookie for scripts', cookies((cookie) => cookie.replace('; HttpOnly', ''))],
    ['SB21', 'a page asks for tokens', status(403, 200)],
    ['SB21', 'a script that stores', body('/auth/login.js', () => 'localStorage.token = 1')],
    ['SB22', 'foreign changes pass', status(403, 200)],
    ['SB26', 'metrics are open', (answer, { path }) => (path === '/metrics' ? { ...answer, status: 200 } : answer)],
    ['SB26', 'what is counted is refused', status(200, 404)],
    ['SB27', 'not ready', status(200, 503)],
    ['SB27', 'health tells more', body('/health', () => '{"status":"ok","version":"1"}')],
    ['SB27', 'metrics are open', (answer, { path }) => (path === '/metrics' ? { ...answer, status: 200 } : answer)],
    ['AU1', 'another role', body('/auth/login', (text) => text.replace('"role":"viewer"', '"role":"admin"'))],
    ['AU1', 'a code twice', status(401, 200)],
    ['AU2', 'SameSite=Lax', cookies((cookie) => cookie.replace('Strict', 'Lax'))],
    ['AU2', 'for other hosts', cookies((cookie) => `${cookie}; Domain=example.com`)],
    ['AU2', 'no cookie', (answer) => ({ ...answer, cookies: [] })],
    ['AU3', 'forged tokens pass', status(401, 200)],
    ['AU4', 'two credentials pass', status(400, 101)],
    ['AU4', 'cookies do not do', status(101, 401)],
    ['AU5', 'no token is needed', status(403, 201)],
    ['AU8', 'revocation is ignored', status(401, 200)],
    ['AU9', 'spent tokens pass', status(401, 200)],
    ['AU9', 'a token does not change', body('/auth/refresh', () => '{"token":"t"}')],
    ['AU10', 'a private key is published', withKey({ d: 'x' })],
    ['AU10', 'another algorithm', body('/.well-known/', (text) => text.replaceAll('EdDSA', 'RS256'))],
    ['AU10', 'no keys', body('/.well-known/', () => '{"keys":[]}')],
    ['AU12', 'as many guesses as requests', status(429, 401)],
    ['WK1', 'every key is let in', status(401, 200)],
    ['SS6', 'a test key is let in', status(401, 200)],
    ['SS6', 'keys are refused', (answer, { path }) => (path.endsWith('/page') ? { ...answer, status: 401 } : answer)],
    ['WK17', 'usage is empty', body('/control/v1/usage', () => '{"usage":[]}')],
    ['WK1', 'keys are refused', (answer, { path }) => (path.endsWith('/page') ? { ...answer, status: 401 } : answer)],
    ['WK2', 'nothing is refused', status(429, 200)],
    ['WK2', 'a refusal does not say when', field('retry-after', undefined)],
    ['SS15', 'what does not match passes', status(422, 200)],
    ['SS15', 'other types pass', status(415, 200)],
    ['SS15', 'unknown paths pass', status(404, 200)],
    ['SS15', 'what matches is refused', status(200, 422)],
    ['WK4', 'long texts pass', status(422, 200)],
    ['WK4', 'malformed texts pass', status(400, 200)],
    ['WK4', 'every text is refused', status(200, 422)],
    ['WK6', 'null is let in', letIn],
    ['WK8', 'anybody is let in', letIn],
    ['WK10', 'a stack', body('/control/', (text) => text.replace('"title":"', '"title":"at x.ts:1 '))],
    ['WK10', 'a further member', body('/control/', (text) => text.replace('"title"', '"stack":1,"title"'))],
    ['WK10', 'no problem document', field('content-type', 'text/html')],
    ['WK10', 'a talkative field', field('server', 'node')],
    ['WK13', 'large bodies pass', status(413, 200)],
    ['WK13', 'long targets pass', status(414, 200)],
    ['WK13', 'long heads pass', status(431, 200)],
    ['WK14', 'denied addresses pass', status(403, 200)],
    ['WK15', 'attacks pass', status(403, 200)],
    ['WK15', 'what cannot be read passes', status(400, 200)],
    ['WK15', 'everything is refused', status(200, 403)],
  ])('%s fails when %s', async (control, _what, tamper) => {
    expect(await run(control, tampered(gate.ctx, tamper))).toMatchObject({ state: 'failing' });
  });

  it('SB1 fails when only the listener that people use is open', async () => {
    const { real } = tampered(gate.ctx, status(401, 200));
    expect(await run('SB1', { ...gate.ctx, real })).toMatchObject({ state: 'failing' });
  });
});

describe('WK12 of several instances', () => {
  const other = {} as Awaited<ReturnType<RunningGate['instances']['others']>>[number];
  const among = (instances: Partial<RunningGate['instances']>): ProbeContext => {
    const { running } = gate.ctx;
    return { ...gate.ctx, running: { ...running, instances: { ...running.instances, ...instances } } };
  };
  /** Two ways to count: on one server, or each on its own. */
  const countersOf = (isOne: boolean) => {
    const buckets = memoryBuckets();
    const closed: string[] = [];
    const another = async () => ({
      ...(await gate.ctx.running.instances.counters.another()),
      buckets: isOne ? buckets : memoryBuckets(),
      close: () => void closed.push('closed'),
    });
    return { counters: { buckets, isShared: true, another }, closed };
  };

  it('is proven where both count on one server, and closes what it opened', async () => {
    const { counters, closed } = countersOf(true);
    expect(await run('WK12', among({ counters, others: async () => [other] }))).toMatchObject({ state: 'proven' });
    expect(closed).toEqual(['closed']);
  });

  it('fails where each counts on its own', async () => {
    const { counters, closed } = countersOf(false);
    expect(await run('WK12', among({ counters }))).toMatchObject({ state: 'failing' });
    expect(closed).toEqual(['closed']);
  });

  it('fails where several count in memory', async () => {
    const found = await run('WK12', among({ others: async () => [other] }));
    expect(found).toMatchObject({ state: 'failing', detail: expect.stringContaining('2 instances') });
  });
});

function withMirror(change: Partial<ProbeContext['mirror']>): ProbeContext {
  return { ...gate.ctx, mirror: { ...gate.mirror, ...change } };
}

function withMetrics(change: (families: readonly Family[]) => readonly Family[]): ProbeContext {
  const { gate: of } = gate.mirror;
  return withMirror({ gate: { ...of, metrics: { ...of.metrics, read: () => change(of.metrics.read()) } } });
}

function named(label: string): Family {
  return family({ name: 'x', type: 'gauge', labels: ['path'], help: 'X.' }, [1, label]);
}

describe('a gate that works otherwise', () => {
  // Every probe logs in: one address has only so many requests.
  beforeAll(async () => {
    await gate.close();
    gate = await breakableGate();
  });

  it.each<[string, string, () => ProbeContext]>([
    [
      'SB2',
      'sessions never grow old',
      () => {
        const store = {
          ...gate.mirror.gate.store,
          sessions: { ...gate.mirror.gate.store.sessions, expire: async () => 0 },
        };
        return withMirror({ gate: { ...gate.mirror.gate, store } });
      },
    ],
    ['SB3', 'codes repeat', () => withMirror({ invite: async () => 'SB-ADMIN-7K3MXW9P' })],
    [
      'SB3',
      'codes have a fixed part',
      () => {
        let at = 0;
        return withMirror({
          invite: async () => `SB-ADMIN-A2345${at % 7 === 0 ? 'Z' : 'Y'}${'23456789ABCDEFGH'[at++]}9`,
        });
      },
    ],
    [
      'SB11',
      'an open socket stays',
      () => {
        return withMirror({
          openSocket: async () => ({ closed: new Promise(() => undefined), close: () => undefined }),
        });
      },
    ],
    [
      'SB12',
      'nothing is written',
      () => {
        const { gate: of } = gate.mirror;
        const audit = { ...of.store.audit, list: async () => ({ items: [], nextCursor: null }) };
        return withMirror({ gate: { ...of, store: { ...of.store, audit } } });
      },
    ],
    ['AU1', 'prefixes are wrong', () => withMirror({ invite: async () => 'SB-VIEW-7K3MXW9P' })],
    [
      'AU3',
      'the application is told of somebody else',
      () => {
        const last = () => ({ method: 'GET', target: '/', headers: { 'x-steadygate-user': 'somebody-else' } });
        return withMirror({ sink: { ...gate.mirror.sink, last } });
      },
    ],
    [
      'AU9',
      'tokens live long',
      () => {
        const signIn = async (): Promise<ProbeSession> => {
          const claims = Buffer.from('{"iat":0,"exp":86400}').toString('base64url');
          return { ...(await gate.mirror.signIn('viewer')), token: `e30.${claims}.x` };
        };
        return withMirror({ signIn });
      },
    ],
    [
      'AU10',
      'a rotation changes nothing',
      () => {
        const { gate: of } = gate.mirror;
        const signingKeys = { ...of.store.signingKeys, rotate: async () => 'never published' };
        return withMirror({ gate: { ...of, store: { ...of.store, signingKeys } } });
      },
    ],
    ['SB26', 'nothing is counted', () => withMetrics(() => [])],
    ['SB26', 'a label is a path', () => withMetrics((families) => [...families, named('/sg-counted-object')])],
    ['WK16', 'the log is text', () => withMirror({ logged: async () => ['GET / 200\n'] })],
    ['WK16', 'nothing is logged', () => withMirror({ logged: async () => [] })],
  ])('%s fails when %s', async (control, _what, broken) => {
    expect(await run(control, broken())).toMatchObject({ state: 'failing' });
  });

  it('WK16 fails when the log holds a token', async () => {
    let token = '';
    const signIn = async (role: string): Promise<ProbeSession> => {
      const session = await gate.mirror.signIn(role);
      ({ token } = session);
      return session;
    };
    const logged: ProbeContext['mirror']['logged'] = async (during) => {
      return [...(await gate.mirror.logged(during)), `{"path":"/${token}"}\n`];
    };
    expect(await run('WK16', withMirror({ signIn, logged }))).toMatchObject({
      detail: 'The log holds an access token.',
    });
  });
});

function withRunning(change: Partial<RunningGate>): ProbeContext {
  return { ...gate.ctx, running: { ...gate.ctx.running, ...change } };
}

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

function onPostgres(change: Partial<PostgresFacts>): ProbeContext {
  return withRunning({ store: () => Promise.resolve({ ...POSTGRES, ...change }) });
}

function connectedBy(change: Partial<PostgresFacts['connection']>): Partial<PostgresFacts> {
  return { connection: { ...POSTGRES.connection, ...change } };
}

function inProduction(change: Partial<PostgresFacts>): ProbeContext {
  const ctx = onPostgres(change);
  const config = ctx.running.config();
  return { ...ctx, running: { ...ctx.running, config: () => ({ ...config, environment: 'production' }) } };
}

function configured(further: string): ProbeContext {
  return withRunning({ patient: { ...gate.ctx.running.patient, loaded: loadedConfig(further) } });
}

describe('a configuration or a machine that contradicts a claim', () => {
  const finding = (code: 'secret-literal' | 'cors-open' | 'proxies-everyone' | 'secret-weak') => {
    return () => [{ severity: 'critical', code, path: 'x', message: 'It is so.', hint: '' } as const];
  };

  it.each<[string, string, () => ProbeContext]>([
    [
      'SB2',
      'longer sessions',
      () => {
        const config = gate.ctx.running.config();
        return withRunning({
          config: () => ({ ...config, sessions: { ...config.sessions, absoluteMs: 172_800_000 } }),
        });
      },
    ],
    [
      'SB3',
      'shorter codes',
      () => {
        const config = gate.ctx.running.config();
        return withRunning({ config: () => ({ ...config, invites: { ...config.invites, length: 6 } }) });
      },
    ],
    [
      'SB5',
      'no ownership',
      () => {
        const config = gate.ctx.running.config();
        const upstreams = config.upstreams.map((upstream) => ({ ...upstream, isolated: false }));
        return withRunning({ config: () => ({ ...config, upstreams }) });
      },
    ],
    ['SB6', 'a laxer limit', () => configured('limits: { general: 1000/15m }')],
    ['SB7', 'a laxer limit of attempts', () => configured('limits: { credentials: 100/15m }')],
    ['WK2', 'a laxer limit', () => configured('keys: { defaultLimit: 100/s }')],
    ['WK2', 'a laxer plan for all', () => configured('keys: { plan: wide, plans: { wide: { limit: 100/s } } }')],
    ['WK3', 'more violations', () => configured('blocks: { violations: 20/1m }')],
    ['WK3', 'blocks that only tell', () => configured('blocks: { mode: alert }')],
    ['WK17', 'late reminders', () => configured('keys: { remindAfter: 180d }')],
    ['SS6', 'alerts that are off', () => configured('keys: { anomalies: { mode: off } }')],
    ['SS6', 'no alert', () => ({ ...gate.ctx, mirror: { ...gate.mirror, elsewhere: () => gate.mirror.client } })],
    ['AU12', 'attempts as lax as requests', () => configured('limits: { credentials: 300/15m }')],
    [
      'AU2',
      'production without Secure',
      () => {
        const config = gate.ctx.running.config();
        return withRunning({ config: () => ({ ...config, environment: 'production' }) });
      },
    ],
    ['SB16', 'a literal secret', () => withRunning({ findings: finding('secret-literal') })],
    ['WK6', 'CORS for everybody', () => withRunning({ findings: finding('cors-open') })],
    ['WK8', 'CORS for everybody', () => withRunning({ findings: finding('cors-open') })],
    ['WK8', 'production that takes it', () => withRunning({ refusalsOf: () => [] })],
    ['WK9', 'production without keys', () => withRunning({ refusalsOf: () => [] })],
    [
      'WK9',
      'production with weak secrets',
      () => {
        const config = gate.ctx.running.config();
        return withRunning({
          config: () => ({ ...config, environment: 'production' }),
          findings: finding('secret-weak'),
        });
      },
    ],
    ['WK11', 'production that takes it', () => withRunning({ refusalsOf: () => [] })],
    ['WK11', 'a connection in plain text', () => inProduction(connectedBy({ protocol: undefined }))],
    ['WK11', 'a server that nobody verified', () => inProduction(connectedBy({ isVerified: false }))],
    ['SS9', 'a superuser', () => onPostgres({ goesAround: true })],
    ['SS9', 'a role that deletes log entries', () => onPostgres({ excess: ['delete log entries'] })],
    ['SS9', 'a table without row-level security', () => onPostgres({ unprotected: ['session'] })],
    ['SS9', 'rows that are seen without a tenant', () => onPostgres({ seenWithoutTenant: 1 })],
    ['SS10', 'a connection in plain text', () => onPostgres(connectedBy({ protocol: undefined }))],
    ['WK14', 'everybody a proxy', () => withRunning({ findings: finding('proxies-everyone') })],
  ])('%s fails with %s', async (control, _what, broken) => {
    expect(await run(control, broken())).toMatchObject({ state: 'failing' });
  });

  it.each(['WK11', 'SS9', 'SS10'])(
    '%s is proven on a PostgreSQL as it should be, and over its socket',
    async (control) => {
      expect(await run(control, inProduction({}))).toMatchObject({ state: 'proven' });
      const overSocket = inProduction(connectedBy({ isSocket: true, protocol: undefined, isVerified: false }));
      expect(await run(control, overSocket)).toMatchObject({ state: 'proven' });
    },
  );

  it('SS10 fails when a name is kept as it is', async () => {
    const { mirror } = gate.ctx;
    const { store } = mirror.gate;
    const path = join(mirror.dataDir, 'leak');
    const create: typeof store.users.create = (user, by) => {
      writeFileSync(path, user.name ?? '');
      return store.users.create(user, by);
    };
    const leaking = { ...mirror, gate: { ...mirror.gate, store: { ...store, users: { ...store.users, create } } } };
    const result = await run('SS10', { ...gate.ctx, mirror: leaking });
    rmSync(path);
    expect(result).toMatchObject({ state: 'failing', detail: expect.stringContaining('name') });
  });

  it.each([
    ['SB15', 'store.sqlite', 'dataDir'],
    ['SB16', '.env.backup', 'cwd'],
  ] as const)('%s fails when %s lies open', async (control, name, where) => {
    const folder = mkdtempSync(join(tmpdir(), 'sg-open-'));
    try {
      mkdirSync(join(folder, 'sub'), { mode: 0o700 });
      writeFileSync(join(folder, where === 'cwd' ? name : `sub/${name}`), 'x', { mode: 0o644 });
      const result = await run(control, withRunning({ patient: { ...gate.ctx.running.patient, [where]: folder } }));
      expect(result).toMatchObject({ state: 'failing', detail: expect.stringContaining(name) });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each<[string, ProbeContext['around'], RegExp]>([
    [
      'the application answers whoever asks',
      { ask: async () => 200, exposure: async () => undefined },
      /without an assertion/,
    ],
    [
      'it believes a forged assertion',
      {
        ask: async (_url, headers) => ('x-steadygate-assertion' in headers ? 200 : 401),
        exposure: async () => undefined,
      },
      /with a forged assertion/,
    ],
    ['it cannot be asked', { ask: async () => 'unreachable', exposure: async () => undefined }, /nothing can be said/],
    ['others reach it', { ask: async () => 401, exposure: async () => 'Reachable around the gate: app.' }, /Reachable/],
  ])('SB20 fails when %s', async (_what, around, detail) => {
    const result = await run('SB20', { ...gate.ctx, around });
    expect(result).toEqual({ state: 'failing', detail: expect.stringMatching(detail) });
  });

  it('SB20 asks every target: one that answers anybody is enough', async () => {
    const targets = ['http://10.0.0.1:1', 'http://10.0.0.2:1'].map((url) => ({ url, weight: 1 }));
    const { running } = gate.ctx;
    const config = () => ({
      ...running.config(),
      upstreams: running.config().upstreams.map((one) => ({ ...one, targets })),
    });
    const around = {
      ask: async (url: string) => (url.includes('10.0.0.2') ? 200 : 401),
      exposure: async () => undefined,
    };
    const result = await run('SB20', { ...gate.ctx, running: { ...running, config }, around });
    expect(result).toEqual({ state: 'failing', detail: expect.stringContaining('200 at 10.0.0.2:1') });
  });
});

it('T23: a credential of a mirror is worth nothing at another gate', async () => {
  const other = await breakableGate();
  try {
    const { token } = await gate.mirror.signIn('admin');
    const headers = { authorization: `Bearer ${token}` };
    const at = (of: BreakableGate): Promise<ProbeAnswer> => of.mirror.client.send({ path: '/auth/session', headers });
    expect((await at(gate)).status).toBe(200);
    expect((await at(other)).status).toBe(401);
  } finally {
    await other.close();
  }
});
