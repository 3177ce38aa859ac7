import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresPrograms } from '../../../../e2e/support/available.ts';
import { type OwnCa, ownCa, type OwnCertificate } from '../../../../e2e/support/own-ca.ts';
import { type OwnPostgres, ownPostgres } from '../../../../e2e/support/own-postgres.ts';
import { until } from '../../../../e2e/support/until.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import { auditOf, byGate, NOW, signIn, temporaryStores } from './temporary-store.contract.ts';

const { open } = temporaryStores();
const code = (value: string) => expect.objectContaining({ name: 'StoreError', code: value });
const CHAT = { tenantId: 'default', upstream: 'app', resource: 'chat' };
const PASSWORD = 'a-password-nobody-else-has';

function settingsOf(port: number, more: Partial<PostgresSettings> = {}): PostgresSettings {
  return {
    kind: 'postgres',
    host: '127.0.0.1',
    port,
    database: 'postgres',
    user: 'postgres',
    password: undefined,
    tls: { mode: 'disable' },
    schema: 'steadygate',
    connectionsMax: 3,
    connectTimeoutMs: 2_000,
    statementTimeoutMs: 2_000,
    idleTransactionTimeoutMs: 2_000,
    prepareCommand: 'steadygate db prepare',
    ...more,
  };
}

const opened = (on: PostgresSettings) => open(undefined, undefined, on);

describe.skipIf(postgresPrograms() === undefined)('a PostgreSQL that goes away', () => {
  let server: OwnPostgres;

  beforeAll(async () => {
    server = await ownPostgres();
    await server.start();
  }, 60_000);
  afterAll(() => server?.remove());

  it('T11: is known to be lost, refuses everything meanwhile, and serves again without a restart', async () => {
    const store = await opened(settingsOf(server.port));
    await store.owners.claim({ ...CHAT, objectId: 'before' }, 'ann', NOW);
    expect(store.failure()).toBeUndefined();
    const meanwhile = store.owners
      .claim({ ...CHAT, objectId: 'meanwhile' }, 'ann', NOW)
      .catch((cause: unknown) => cause);
    await server.kill();
    // Whether it was whole before the end is open; nothing else may come of it.
    expect(['claimed', code('unreachable')]).toContainEqual(await meanwhile);
    await until('the loss', () => store.failure());
    expect(store.failure()).toEqual(code('unreachable'));
    await expect(store.owners.claim({ ...CHAT, objectId: 'c2' }, 'ann', NOW)).rejects.toThrow(code('unreachable'));
    await expect(store.owners.ownerOf({ ...CHAT, objectId: 'c2' })).rejects.toThrow(code('unreachable'));
    await expect(store.sessions.byId('s')).rejects.toThrow(code('unreachable'));
    await server.start();
    await until('the return', () => store.failure() === undefined);
    expect(await store.owners.claim({ ...CHAT, objectId: 'after' }, 'ann', NOW)).toBe('claimed');
    const objects = await store.owners.list(byGate().actor, { limit: 10 });
    const names = objects.items.map(({ objectId }) => objectId).filter((id) => id !== 'meanwhile');
    expect(names).toEqual(['after', 'before']);
    const entries = await auditOf(store);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1));
  }, 60_000);

  it('and is away at the start is awaited for as long as a connection may take, then told of', async () => {
    await server.kill();
    const patient = opened(settingsOf(server.port, { connectTimeoutMs: 20_000 }));
    const hasty = opened(settingsOf(server.port, { connectTimeoutMs: 100 }));
    await expect(hasty).rejects.toThrow(code('unreachable'));
    await expect(hasty).rejects.toThrow(`127.0.0.1:${server.port}`);
    await server.start();
    expect((await patient).failure()).toBeUndefined();
  }, 60_000);

  it('T11: ends connections one by one, and every change is whole or not there', async () => {
    const store = await opened(settingsOf(server.port));
    const outcomes: Promise<PromiseSettledResult<unknown>[]>[] = [];
    const admin = new Client({ host: server.folder, port: server.port, user: 'postgres', database: 'postgres' });
    await admin.connect();
    for (let at = 0; at < 10; at += 1) {
      const claims = Array.from({ length: 10 }, (_, other) =>
        store.owners.claim({ ...CHAT, objectId: `k${at}-${other}` }, 'ann', NOW),
      );
      outcomes.push(Promise.allSettled(claims));
      await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'steadygate write'`,
      );
      await until('it serves', () => store.failure() === undefined);
    }
    await admin.end();
    const settled = (await Promise.all(outcomes)).flat();
    for (const outcome of settled) {
      if (outcome.status === 'rejected') expect(outcome.reason).toEqual(code('unreachable'));
    }
    expect(settled.some(({ status }) => status === 'rejected')).toBe(true);
    expect(settled.some(({ status }) => status === 'fulfilled')).toBe(true);
    const entries = await auditOf(store);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1));
    const claims = entries.filter(({ action }) => action === 'object.claimed').length;
    expect((await store.owners.list(byGate().actor, { limit: 1000 })).items).toHaveLength(claims);
  }, 60_000);

  it('T11: stands still is lost as well: nobody waits for it for longer than a statement may take', async () => {
    const store = await opened(settingsOf(server.port));
    const admin = new Client({ host: server.folder, port: server.port, user: 'postgres', database: 'postgres' });
    await admin.connect();
    await admin.query(`BEGIN; SELECT "value" FROM steadygate."sequence" WHERE "name" = 'change' FOR UPDATE`);
    await expect(store.owners.claim({ ...CHAT, objectId: 'late' }, 'ann', NOW)).rejects.toThrow(code('busy'));
    expect(store.failure()).toBeUndefined();
    await admin.query('ROLLBACK');
    expect(await store.owners.claim({ ...CHAT, objectId: 'late' }, 'ann', NOW)).toBe('claimed');
    await admin.end();
  }, 60_000);

  it('a change whose process stands still is undone, so that others go on', async () => {
    const store = await opened(settingsOf(server.port));
    await store.close(NOW);
    const stuck = new Client(`postgres://postgres@127.0.0.1:${server.port}/postgres`);
    stuck.on('error', () => undefined);
    await stuck.connect();
    await stuck.query(`SET idle_in_transaction_session_timeout TO 300; SET search_path TO steadygate`);
    await stuck.query(`BEGIN; SELECT "value" FROM "sequence" WHERE "name" = 'change' FOR UPDATE`);
    const other = await opened(settingsOf(server.port));
    expect(await other.owners.claim({ ...CHAT, objectId: 'on' }, 'ann', NOW)).toBe('claimed');
    await stuck.end();
  }, 60_000);

  it('takes no more connections than were asked for', async () => {
    const store = await opened(settingsOf(server.port, { connectionsMax: 2 }));
    await Promise.all(
      Array.from({ length: 200 }, async (_, at) => store.owners.ownerOf({ ...CHAT, objectId: `n${at}` })),
    );
    const admin = new Client({ host: server.folder, port: server.port, user: 'postgres', database: 'postgres' });
    await admin.connect();
    const { rows } = await admin.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name LIKE 'steadygate %'`,
    );
    expect(rows).toEqual([{ n: 4 }]);
    await admin.end();
  });

  it('is asked to be durable, even where its administrator set less', async () => {
    const admin = new Client({ host: server.folder, port: server.port, user: 'postgres', database: 'postgres' });
    await admin.connect();
    await admin.query('ALTER DATABASE postgres SET synchronous_commit TO off');
    await admin.query(`ALTER DATABASE postgres SET default_transaction_isolation TO 'serializable'`);
    const store = await opened(settingsOf(server.port));
    await Promise.all(Array.from({ length: 20 }, () => signIn(store)));
    const { rows } = await admin.query(`SELECT setting FROM pg_settings WHERE name = 'synchronous_commit'`);
    expect(rows).toEqual([{ setting: 'on' }]);
    await admin.query('ALTER DATABASE postgres RESET ALL');
    await admin.end();
  });
});

/** WK11, SS10: what a server must show before anything is told to it. */
describe.skipIf(postgresPrograms() === undefined)('TLS to PostgreSQL', () => {
  let folder: string;
  let ca: OwnCa;
  let otherCa: OwnCa;
  let client: OwnCertificate;
  let server: OwnPostgres;
  let elsewhere: OwnPostgres;
  let plain: OwnPostgres;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sg-tls-'));
    ca = await ownCa(folder);
    otherCa = await ownCa(folder, 'other');
    client = await ca.issue('gate');
    const onlyTls = ['local all all trust', 'hostssl all gate 127.0.0.1/32 cert', 'hostssl all all 127.0.0.1/32 trust'];
    const own = await ca.issue('server');
    const named = await ca.issue('elsewhere', ['DNS:db.example']);
    server = await ownPostgres({ hba: onlyTls, tls: { ...own, caFile: ca.caFile } });
    elsewhere = await ownPostgres({ hba: onlyTls, tls: named });
    plain = await ownPostgres();
    for (const it of [server, elsewhere, plain]) await it.start();
  }, 120_000);

  afterAll(async () => {
    for (const it of [server, elsewhere, plain]) await it?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const pem = (file: string): string => readFileSync(file, 'utf8');
  const over = (to: OwnPostgres, tls: PostgresSettings['tls'], more: Partial<PostgresSettings> = {}) =>
    opened(settingsOf(to.port, { tls, ...more }));

  it('WK11: holds with the right authority and name', async () => {
    const store = await over(server, { mode: 'verify-full', ca: pem(ca.caFile) });
    await signIn(store);
    const admin = new Client({ host: server.folder, port: server.port, user: 'postgres', database: 'postgres' });
    await admin.connect();
    const { rows } = await admin.query(
      `SELECT bool_and(ssl) AS ssl, min(version) AS version, count(*)::int AS n
       FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'steadygate %'`,
    );
    expect(rows).toEqual([{ ssl: true, version: 'TLSv1.3', n: expect.any(Number) }]);
    expect(rows[0].n).toBeGreaterThanOrEqual(3);
    await admin.end();
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['another authority', () => over(server, { mode: 'verify-full', ca: pem(otherCa.caFile) }), /certificate|issuer/],
    ['an authority that nobody knows', () => over(server, { mode: 'verify-full' }), /certificate|issuer/],
    ['another name', () => over(elsewhere, { mode: 'verify-full', ca: pem(ca.caFile) }), /127\.0\.0\.1/],
    [
      'another authority, name aside',
      () => over(elsewhere, { mode: 'verify-ca', ca: pem(otherCa.caFile) }),
      /certificate/,
    ],
    ['no TLS at all', () => over(plain, { mode: 'verify-full', ca: pem(ca.caFile) }), /SSL/],
    ['no TLS at all, unverified', () => over(plain, { mode: 'require' }), /SSL/],
  ])('WK11: refuses a server with %s, and tells it no password', async (_what, attempt, reason) => {
    const failed = attempt();
    await expect(failed).rejects.toThrow(code('refused'));
    await expect(failed).rejects.toThrow(reason);
  });

  it('WK11: a server that wants TLS refuses a gate without', async () => {
    await expect(over(server, { mode: 'disable' })).rejects.toThrow(code('refused'));
  });

  it('asks for the authority only, where that is what is configured', async () => {
    const store = await over(elsewhere, { mode: 'verify-ca', ca: pem(ca.caFile) });
    expect(store.failure()).toBeUndefined();
  });

  it('shows a certificate where the server wants one instead of a password', async () => {
    const admin = new Client({ host: server.folder, port: server.port, user: 'postgres', database: 'postgres' });
    await admin.connect();
    await admin.query('CREATE ROLE gate LOGIN SUPERUSER');
    await admin.end();
    const tls = { mode: 'verify-full', ca: pem(ca.caFile) } as const;
    await expect(over(server, tls, { user: 'gate' })).rejects.toThrow(code('refused'));
    const shown = { ...tls, certificate: pem(client.certFile), key: pem(client.keyFile) };
    expect((await over(server, shown, { user: 'gate' })).failure()).toBeUndefined();
  });

  it('SS5: no message holds the password', async () => {
    const password = { reveal: () => PASSWORD };
    const wrong = over(server, { mode: 'verify-full', ca: pem(ca.caFile) }, { user: 'nobody', password });
    const failure: unknown = await wrong.catch((cause: unknown) => cause);
    expect(failure).toEqual(code('refused'));
    const said = `${String(failure)} ${JSON.stringify(failure)} ${failure instanceof Error ? String(failure.stack) : ''}`;
    expect(said).not.toContain(PASSWORD);
  });
});
