import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasRedisServer, redisUrl } from './support/available.ts';
import { type EchoUpstream, echoConfig, startEchoUpstream } from './support/echo-upstream.ts';
import { type Answer, type GateClient, gateClient, text } from './support/gate-client.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { type OwnRedis, ownRedis } from './support/own-redis.ts';
import { runBin } from './support/run-bin.ts';
import { until } from './support/until.ts';

const PASSWORD = `pw-${randomUUID()}`;
const ADDRESS = '192.0.2.7';

const url = await redisUrl();
const gates: RunningGate[] = [];
const servers: OwnRedis[] = [];
let upstream: EchoUpstream;

beforeAll(async () => {
  upstream = await startEchoUpstream();
});
afterAll(() => upstream.close());
afterEach(async () => {
  await Promise.all(gates.splice(0).map((gate) => gate.stop()));
  for (const server of servers.splice(0)) await server.kill();
});

function configOf(counters: object, limits: object = {}): object {
  return echoConfig(upstream.url, {
    limits: { general: '100000/1m', refresh: '100000/1m', ...limits },
    trustedProxies: ['127.0.0.1'],
    counters: { kind: 'redis', url: '${REDIS_URL}', ...counters },
  });
}

async function gateOn(at: string, config: object): Promise<{ gate: RunningGate; client: GateClient }> {
  const gate = await startGate({ config, env: { REDIS_URL: at } });
  gates.push(gate);
  return { gate, client: gateClient(gate) };
}

function logIn(client: GateClient, inviteCode: string, from = ADDRESS): Promise<Answer> {
  const headers = [['x-forwarded-for', from] as const];
  return client.send('/auth/login', { method: 'POST', headers, body: { inviteCode, tokenDelivery: 'body' } });
}

const wrong = (at: number): string => `SB-MEMBER-${String(at).padStart(8, '2').replace(/[01]/g, '9')}`;
const ready = async (client: GateClient): Promise<number> => (await client.send('/health/ready')).status;

describe.skipIf(url === undefined)('WK12: two gates on one Redis', () => {
  it('SB7: count the wrong invites of an address together', async () => {
    const config = configOf({ prefix: `sg-test-${randomUUID()}:` });
    const [one, two] = await Promise.all([gateOn(url ?? '', config), gateOn(url ?? '', config)]);
    for (let at = 0; at < 10; at += 1) {
      expect((await logIn((at % 2 === 0 ? one : two).client, wrong(at))).status).toBe(401);
    }
    for (const { client } of [one, two]) {
      const eleventh = await logIn(client, wrong(10));
      expect(eleventh.status).toBe(429);
      expect(eleventh.body).toMatchObject({ code: 'rate-limited', limit: { name: 'credentials', rate: '10/15m' } });
    }
  });

  it('SB6: admit together what one may, of many at once', async () => {
    const config = configOf({ prefix: `sg-test-${randomUUID()}:` }, { credentials: '25/15m' });
    const [one, two] = await Promise.all([gateOn(url ?? '', config), gateOn(url ?? '', config)]);
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, at) => logIn((at % 2 === 0 ? one : two).client, wrong(at))),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(25);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(55);
  });
});

describe.skipIf(!hasRedisServer())('the Redis of a gate', () => {
  async function serverOf(): Promise<{ server: OwnRedis; at: string }> {
    const server = await ownRedis('--requirepass', PASSWORD);
    servers.push(server);
    await server.start();
    return { server, at: `redis://:${PASSWORD}@127.0.0.1:${server.port}` };
  }

  it('T24: is killed: attempts are refused unread, the gate is unready; it recovers by itself and tells once', async () => {
    const { server, at } = await serverOf();
    const { gate, client } = await gateOn(at, configOf({}));
    expect(await ready(client)).toBe(200);
    const guesses = Array.from({ length: 200 }, (_, at) => logIn(client, wrong(at), '198.51.100.9'));
    await Promise.race(guesses);
    await server.kill();
    const found = (await Promise.all(guesses)).map(({ status }) => status);
    expect(found.filter((status) => status === 401).length).toBeLessThanOrEqual(10);
    expect(found.filter((status) => ![401, 429, 503].includes(status))).toEqual([]);
    await until('the gate is unready', async () => ((await ready(client)) === 503 ? true : undefined));
    expect((await client.send('/health/live')).status).toBe(200);
    for (let attempt = 0; attempt < 15; attempt += 1) {
      const answer = await logIn(client, text(gate.invite));
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    }
    await server.start();
    await until('the gate is ready', async () => ((await ready(client)) === 200 ? true : undefined));
    // The invite was not burned by the attempts that were refused.
    expect((await logIn(client, text(gate.invite))).status).toBe(200);
    const alerts = gate.lines.filter((line) => line.includes('"alert":"counters-'));
    expect(alerts.map((line) => JSON.parse(line).alert)).toEqual(['counters-lost', 'counters-back']);
    expect(`${gate.lines.join('\n')}${gate.stderr()}`).not.toContain(PASSWORD);
  });

  it('SS5: refuses the password: the start ends with 2, says so, and shows no password', async () => {
    const { server } = await serverOf();
    const folder = mkdtempSync(join(tmpdir(), 'sg-'));
    const config = join(folder, 'steadygate.yaml');
    writeFileSync(config, JSON.stringify(configOf({})));
    const where = ['--config', config, '--listen', '127.0.0.1:0', '--data', join(folder, 'data')];
    const env = { REDIS_URL: `redis://:not-${PASSWORD}@127.0.0.1:${server.port}` };
    const { code, output } = await runBin(['start', ...where], env);
    expect({ code, output }).toMatchObject({
      code: 2,
      output: expect.stringContaining('Redis refused: it does not accept'),
    });
    expect(output).not.toContain(PASSWORD);
    rmSync(folder, { recursive: true, force: true });
  });
});
