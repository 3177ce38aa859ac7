import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rate } from '@steadygate/core';
import { Redis } from 'iovalkey';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { hasRedisServer, redisUrl } from '../../../../e2e/support/available.ts';
import { ownCa } from '../../../../e2e/support/own-ca.ts';
import { type OwnRedis, ownRedis } from '../../../../e2e/support/own-redis.ts';
import { until } from '../../../../e2e/support/until.ts';
import { Secret } from '../config/secret.ts';
import { bucketStoreContract } from './bucket-store.contract.ts';
import { CountersError } from './counters-error.ts';
import { openRedisCounters, type RedisCounters } from './redis-connection.ts';
import { strikeCounterContract } from './strike-counter.contract.ts';

const NOW = 1_800_000_000_000;
const TEN: Rate = { amount: 10, perMs: 900_000 };

const url = await redisUrl();
const opened: RedisCounters[] = [];
const servers: OwnRedis[] = [];

afterEach(async () => {
  for (const counters of opened.splice(0)) counters.close();
  for (const server of servers.splice(0)) await server.kill();
});

interface Told {
  readonly told: string[];
}

async function open(at: string, prefix: string = randomUUID()): Promise<RedisCounters & Told> {
  const told: string[] = [];
  const counters = await openRedisCounters({
    url: new Secret(at),
    prefix: `sg-test-${prefix}:`,
    connectTimeoutMs: 2_000,
    takeTimeoutMs: 250,
    onLost: ({ message }) => void told.push(`lost: ${message}`),
    onBack: () => void told.push('back'),
  });
  opened.push(counters);
  return { ...counters, told };
}

/** Asks for TLS, and trusts one authority. */
async function openSecure(server: OwnRedis, caFile: string): Promise<RedisCounters> {
  const counters = await openRedisCounters({
    url: new Secret(`rediss://127.0.0.1:${server.port}`),
    ca: readFileSync(caFile, 'utf8'),
    prefix: 'sg-test-tls:',
    connectTimeoutMs: 2_000,
    takeTimeoutMs: 1_000,
    onLost: () => undefined,
    onBack: () => undefined,
  });
  opened.push(counters);
  return counters;
}

async function serverOf(...options: readonly string[]): Promise<OwnRedis> {
  const server = await ownRedis(...options);
  servers.push(server);
  await server.start();
  return server;
}

const local = (server: OwnRedis, credentials = ''): string => `redis://${credentials}127.0.0.1:${server.port}`;

async function granted(takes: readonly ReturnType<RedisCounters['buckets']['take']>[]): Promise<number> {
  return (await Promise.all(takes.map(async (take) => take))).filter(({ waitMs }) => waitMs === 0).length;
}

describe.skipIf(url === undefined)('redis buckets', () => {
  const at = url ?? '';
  const client = new Redis(at, { lazyConnect: true });
  afterAll(() => client.disconnect());

  bucketStoreContract(async () => (await open(at)).buckets);
  strikeCounterContract(async () => (await open(at)).strikes);

  it('WK3: violations on several instances add up', async () => {
    const prefix = randomUUID();
    const instances = await Promise.all([open(at, prefix), open(at, prefix), open(at, prefix)]);
    const strike = async (n: number) => instances[n % 3]?.strikes.strike('a', TEN, NOW);
    const found = await Promise.all(Array.from({ length: 10 }, (_, n) => strike(n)));
    expect(found.filter(Boolean)).toHaveLength(1);
  });

  it('WK12: several instances together admit one budget', async () => {
    const prefix = randomUUID();
    const instances = await Promise.all([open(at, prefix), open(at, prefix), open(at, prefix)]);
    const takes = Array.from({ length: 150 }, (_, n) => instances[n % 3]?.buckets.take('a', TEN, NOW));
    expect(await granted(takes.filter((take) => take !== undefined))).toBe(10);
  });

  it('WK12: under overload they admit at most rate × time + burst, and not less', async () => {
    const prefix = randomUUID();
    const rate: Rate = { amount: 100, perMs: 1_000 };
    const instances = await Promise.all([open(at, prefix), open(at, prefix)]);
    const takes = Array.from({ length: 1_200 }, (_, n) => instances[n % 2]?.buckets.take('a', rate, NOW + n));
    expect(await granted(takes.filter((take) => take !== undefined))).toBe(100 + 119);
  });

  it('WK12: an instance whose clock is behind refills nothing that another emptied', async () => {
    const prefix = randomUUID();
    const rate: Rate = { amount: 10, perMs: 1_000 };
    const [ahead, behind] = await Promise.all([open(at, prefix), open(at, prefix)]);
    let admitted = 0;
    for (let round = 0; round < 20; round += 1) {
      admitted += await granted([ahead.buckets.take('a', rate, NOW)]);
      admitted += await granted([behind.buckets.take('a', rate, NOW - 3_000)]);
    }
    expect(admitted).toBe(10);
  });

  it('SB7: keeps fractions of a millisecond: no budget grows by rounding', async () => {
    const rate: Rate = { amount: 7, perMs: 1_000 };
    const { buckets } = await open(at);
    expect(await granted(Array.from({ length: 20 }, () => buckets.take('a', rate, NOW)))).toBe(7);
    const refused = await buckets.take('a', rate, NOW);
    expect(refused).toEqual({ waitMs: 143, remaining: 0, resetMs: 1_001 });
    expect((await buckets.take('a', rate, NOW + 142)).waitMs).toBe(1);
    expect((await buckets.take('a', rate, NOW + 143)).waitMs).toBe(0);
  });

  it('leaves one key per budget, under its prefix, with an end, and none of a full budget', async () => {
    const prefix = randomUUID();
    const { buckets } = await open(at, prefix);
    const key = `sg-test-${prefix}:{limit|a}`;
    await buckets.take('limit|a', TEN, NOW);
    expect(await client.pttl(key)).toBeGreaterThan(90_000);
    expect(await client.pttl(key)).toBeLessThanOrEqual(100_000);
    await buckets.giveBack('limit|a', TEN, NOW);
    expect(await client.exists(key)).toBe(0);
  });

  it('a refused take writes nothing: it keeps no key alive', async () => {
    const prefix = randomUUID();
    const { buckets } = await open(at, prefix);
    for (let take = 0; take < 10; take += 1) await buckets.take('a', TEN, NOW);
    const key = `sg-test-${prefix}:{a}`;
    await client.pexpire(key, 5_000);
    await buckets.take('a', TEN, NOW);
    expect(await client.pttl(key)).toBeLessThanOrEqual(5_000);
  });

  it('goes on when the server forgot its scripts', async () => {
    const { buckets } = await open(at);
    await buckets.take('a', TEN, NOW);
    await client.script('FLUSH');
    expect(await granted(Array.from({ length: 30 }, () => buckets.take('a', TEN, NOW)))).toBe(9);
  });
});

describe.skipIf(!hasRedisServer())('redis buckets and their server', () => {
  it('T24: a server that is killed grants nothing, at once; it is used again when it is back', async () => {
    const server = await serverOf();
    const { buckets, failure, told } = await open(local(server));
    expect((await buckets.take('a', TEN, NOW)).remaining).toBe(9);
    await server.kill();
    await until('the loss is known', () => failure());
    const takes = await Promise.allSettled(Array.from({ length: 200 }, async () => buckets.take('a', TEN, NOW)));
    expect(takes.every((take) => take.status === 'rejected' && take.reason instanceof CountersError)).toBe(true);
    await expect(buckets.giveBack('a', TEN, NOW)).resolves.toBeUndefined();
    await server.start();
    await until('it is back', () => (failure() === undefined ? true : undefined));
    expect((await buckets.take('a', TEN, NOW)).remaining).toBe(9);
    expect(told).toEqual([expect.stringContaining('lost: Redis'), 'back']);
  });

  it('T24: a server that hangs grants nothing, holds nobody for long, and is used again when it goes on', async () => {
    const server = await serverOf();
    const { buckets, failure, told } = await open(local(server));
    await buckets.take('a', TEN, NOW);
    server.signal('SIGSTOP');
    const began = performance.now();
    await expect(buckets.take('a', TEN, NOW)).rejects.toBeInstanceOf(CountersError);
    expect(performance.now() - began).toBeLessThan(2_000);
    await until('the loss is known', () => failure());
    server.signal('SIGCONT');
    await until('it is back', () => (failure() === undefined ? true : undefined));
    expect((await buckets.take('a', TEN, NOW)).waitMs).toBe(0);
    expect(told).toEqual([expect.stringContaining('lost: Redis'), 'back']);
  });

  it('a quiet instance learns of a loss as well', async () => {
    const server = await serverOf();
    const { failure } = await open(local(server));
    server.signal('SIGSTOP');
    expect(await until('the loss is known', () => failure())).toBeInstanceOf(CountersError);
  });

  it.each([
    ['a wrong password', ':wr0ng-passw0rd@', 'WRONGPASS'],
    ['no password', '', 'NOAUTH'],
    ['an unknown user', 'nobody:wr0ng-passw0rd@', 'WRONGPASS'],
  ])('SS5: %s ends the start, and is not repeated', async (_what, credentials, code) => {
    const server = await serverOf('--requirepass', 'the-right-one');
    const failure: unknown = await open(local(server, credentials)).catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(CountersError);
    expect(String(failure)).toContain(code);
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('wr0ng');
    await expect(open(local(server, ':the-right-one@'))).resolves.toBeDefined();
  });

  it('SS5: a user without the rights that counting needs ends the start', async () => {
    const server = await serverOf('--user', 'counter', 'on', '>pass-word', '~*', '+@all', '-@scripting');
    await expect(open(local(server, 'counter:pass-word@'))).rejects.toThrow('NOPERM');
  });

  it('SS5: a password that the server does not ask for ends the start: anybody could lift the limits', async () => {
    const server = await serverOf();
    await expect(open(local(server, ':unasked-for@'))).rejects.toThrow('asks nobody for a password');
  });

  it('a server that is away at the start is awaited', async () => {
    const server = await ownRedis();
    servers.push(server);
    const { buckets, failure, told } = await open(local(server));
    await expect(buckets.take('a', TEN, NOW)).rejects.toBeInstanceOf(CountersError);
    await server.start();
    await until('it is there', () => (failure() === undefined ? true : undefined));
    expect((await buckets.take('a', TEN, NOW)).waitMs).toBe(0);
    expect(told).toEqual(['lost: Redis does not answer (ECONNREFUSED).', 'back']);
  });
});

describe.runIf(hasRedisServer)('SS5: Redis over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sg-redis-tls-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('counts; another authority, and a server without TLS, count nothing', async () => {
    const [trusted, other] = [await ownCa(folder, 'trusted'), await ownCa(folder, 'other')];
    const { certFile, keyFile } = await trusted.issue('redis');
    const tls = ['--tls', '--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-auth-clients', 'no'];
    const server = await serverOf(...tls, '--tls-ca-cert-file', trusted.caFile);
    const counters = await openSecure(server, trusted.caFile);
    expect(await counters.buckets.take('a', TEN, NOW)).toMatchObject({ waitMs: 0, remaining: 9 });
    await expect(openSecure(server, other.caFile)).rejects.toThrow(CountersError);
    // Without TLS it never answers: it is awaited, and meanwhile nothing is let through.
    const waiting = await openSecure(await serverOf(), trusted.caFile);
    expect(waiting.failure()).toBeInstanceOf(CountersError);
    await expect(waiting.buckets.take('a', TEN, NOW)).rejects.toThrow();
  });
});
