import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresPrograms } from './support/available.ts';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type Answer, type GateClient, gateClient } from './support/gate-client.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { ownCa } from './support/own-ca.ts';
import { type OwnPostgres, ownPostgres } from './support/own-postgres.ts';
import { runBin } from './support/run-bin.ts';
import { until } from './support/until.ts';

const ORIGIN = 'https://app.example.com';
const ENV = {
  KEK: randomBytes(32).toString('hex'),
  APP_PASSWORD: randomBytes(16).toString('hex'),
  OWNER_PASSWORD: randomBytes(16).toString('hex'),
};

/** A gate in production on a PostgreSQL with TLS and passwords, as an administrator would set both up. */
describe.skipIf(postgresPrograms() === undefined)('production on a PostgreSQL', () => {
  let folder: string;
  let server: OwnPostgres;
  let upstream: EchoUpstream;
  let gate: RunningGate | undefined;
  let otherCa: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sg-e2e-pg-'));
    const ca = await ownCa(folder);
    otherCa = (await ownCa(folder, 'other')).caFile;
    const tls = await ca.issue('server');
    const hba = ['local all all trust', 'hostssl all all 127.0.0.1/32 scram-sha-256'];
    [server, upstream] = await Promise.all([ownPostgres({ hba, tls }), startEchoUpstream()]);
    await server.start();
    await server.sql(`ALTER ROLE postgres PASSWORD '${ENV.OWNER_PASSWORD}'`);
  }, 60_000);

  afterAll(async () => {
    await gate?.stop();
    await upstream?.close();
    await server?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const config = (store: Readonly<Record<string, unknown>> = {}) =>
    echoConfig(upstream.url, {
      environment: 'production',
      listen: { host: '127.0.0.1', port: 0, origins: [ORIGIN] },
      tls: { terminatedBy: 'nginx' },
      trustedProxies: ['127.0.0.1'],
      secrets: { keyEncryptionKey: '${KEK}' },
      store: {
        kind: 'postgres',
        url: `postgres://gate_app:\${APP_PASSWORD}@127.0.0.1:${server.port}/postgres`,
        caFile: join(folder, 'ca.pem'),
        ...store,
      },
    });

  const file = (store?: Readonly<Record<string, unknown>>): string => {
    const path = join(folder, `${randomBytes(4).toString('hex')}.yaml`);
    writeFileSync(path, JSON.stringify(config(store)));
    return path;
  };

  /** A start that does not come about, with a data directory of its own. */
  const refused = (store?: Readonly<Record<string, unknown>>) => {
    const data = join(folder, randomBytes(4).toString('hex'));
    return runBin(['start', '--config', file(store), '--data', data], ENV);
  };

  const prepare = () => {
    const owner = `postgres://postgres:\${OWNER_PASSWORD}@127.0.0.1:${server.port}/postgres`;
    return runBin(['db', 'prepare', '--config', file(), '--owner-url', owner], ENV);
  };

  /** As nginx hands it on. */
  function send(client: GateClient, path: string, sent: Parameters<GateClient['send']>[1] = {}): Promise<Answer> {
    const fields = [
      ['host', 'app.example.com'],
      ['x-forwarded-for', '192.0.2.7'],
      ['x-forwarded-proto', 'https'],
    ] as const;
    return client.send(path, { ...sent, headers: [...fields, ...(sent.headers ?? [])] });
  }

  test('SS9: an unprepared database stops the start with the command that prepares it', async () => {
    const { code, output } = await refused();
    expect(code).toBe(2);
    expect(output).toContain('steadygate db prepare --config');
    expect(await prepare()).toMatchObject({ code: 0 });
  });

  test.each<[string, () => Readonly<Record<string, unknown>>, RegExp]>([
    [
      'WK11: without TLS',
      () => ({
        url: `postgres://gate_app:\${APP_PASSWORD}@127.0.0.1:${server.port}/postgres?sslmode=disable`,
        caFile: undefined,
      }),
      /store\.url|plain text/,
    ],
    [
      'WK11: with TLS if the server likes',
      () => ({ url: `postgres://gate_app:\${APP_PASSWORD}@127.0.0.1:${server.port}/postgres?sslmode=prefer` }),
      /whoever answers/,
    ],
    ['WK11: a server that another authority vouches for', () => ({ caFile: otherCa }), /refuses: .*certificate/],
    ['WK11: a server that nobody known vouches for', () => ({ caFile: undefined }), /refuses: .*certificate/],
    [
      'SS9: as a superuser',
      () => ({ url: `postgres://postgres:\${OWNER_PASSWORD}@127.0.0.1:${server.port}/postgres` }),
      /goes around row-level security/,
    ],
    [
      'with a wrong password',
      () => ({ url: `postgres://gate_app:\${OWNER_PASSWORD}@127.0.0.1:${server.port}/postgres` }),
      /password authentication failed/,
    ],
  ])('%s does not start, and says why', async (_what, store, message) => {
    const { code, output } = await refused(store());
    expect(code).toBe(2);
    expect(output).toMatch(message);
    for (const secret of Object.values(ENV)) expect(output).not.toContain(secret);
  });

  test('serves; T11: refuses while the server is away, and goes on by itself when it is back', async () => {
    gate = await startGate({ config: config(), env: ENV });
    const client = gateClient(gate);
    const invite = readFileSync(join(gate.dataDir, 'first-invite'), 'utf8').trim();
    const signedIn = await send(client, '/auth/login', {
      method: 'POST',
      headers: [['origin', ORIGIN]],
      body: { inviteCode: invite },
    });
    expect(signedIn.status).toBe(200);
    const cookie = [...signedIn.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const asAda = (path: string) => send(client, path, { headers: [['cookie', cookie]] });
    expect((await asAda('/x')).status).toBe(200);

    await server.kill();
    await until('the gate is not ready', async () => (await send(client, '/health/ready')).status === 503);
    const attempt = await send(client, '/auth/login', {
      method: 'POST',
      headers: [['origin', ORIGIN]],
      body: { inviteCode: 'SB-ADMIN-22222222' },
    });
    expect(attempt.status).toBe(503);
    expect((await send(client, '/x')).status).toBe(401);
    expect((await send(client, '/health/live')).status).toBe(200);

    await server.start();
    await until('the gate is ready', async () => (await send(client, '/health/ready')).status === 200);
    expect((await asAda('/x')).status).toBe(200);
    expect(await gate.operator('invite', 'create', '--role', 'viewer')).toHaveProperty('invite');
    expect((await gate.cli('audit', 'list', '--json')).code).toBe(0);
    const said = [...gate.lines, gate.stderr()].join('\n');
    for (const secret of Object.values(ENV)) expect(said).not.toContain(secret);
  }, 90_000);

  test('WK11, SS9, SS10: proves its claims against the server', async () => {
    if (gate === undefined) throw new Error('the gate did not start');
    const { stdout } = await gate.cli('posture', '--json');
    const { controls } = JSON.parse(stdout) as { controls: { id: string; state: string; detail: string }[] };
    const found = controls.filter(({ id }) => ['WK11', 'SS9', 'SS10'].includes(id));
    expect(found.map(({ id, state, detail }) => [id, state, /TLSv1\.3|gate_app/.test(detail)])).toEqual(
      found.map(({ id }) => [id, 'proven', true]),
    );
    expect(found).toHaveLength(3);
  }, 90_000);

  test('SS9: a role that was given more since is not proven to be harmless', async () => {
    if (gate === undefined) throw new Error('the gate did not start');
    await server.sql('GRANT DELETE ON steadygate."auditEntry" TO gate_app');
    const { stdout } = await gate.cli('posture', '--json');
    const { controls } = JSON.parse(stdout) as { controls: { id: string; state: string; detail: string }[] };
    expect(controls.find(({ id }) => id === 'SS9')).toMatchObject({ detail: expect.stringContaining('delete log') });
    expect((await prepare()).code).toBe(0);
  }, 90_000);

  test('a data directory serves one process; another one serves the same database', async () => {
    if (gate === undefined) throw new Error('the gate did not start');
    const again = await runBin(['start', '--config', file(), '--data', gate.dataDir], ENV);
    expect(again.code).toBe(2);
    expect(again.output).toContain('in use');
    const other = await startGate({ config: config(), env: ENV });
    const client = gateClient(other);
    expect((await send(client, '/health/ready')).status).toBe(200);
    await other.stop();
  }, 60_000);
});
