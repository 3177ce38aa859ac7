import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgresUrl } from '../../../../e2e/support/available.ts';
import { runCli } from '../cli.ts';
import { cliDeps } from '../cli-deps.ts';

const server = await postgresUrl();
const admin = new URL(server ?? 'postgres://postgres@127.0.0.1/postgres');
const PASSWORD = randomBytes(16).toString('hex');
const KEK = randomBytes(32).toString('hex');
const names: string[] = [];

let cwd: string;
let name: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sg-db-'));
  name = `sg_cli_${randomBytes(5).toString('hex')}`;
  names.push(name);
  configure({});
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

afterAll(async () => {
  if (server === undefined) return;
  await asAdmin(async (client) => {
    for (const each of names) {
      await client.query(`DROP SCHEMA IF EXISTS ${each} CASCADE`);
      const { rows } = await client.query<{ role: string }>(
        `SELECT rolname AS role FROM pg_roles WHERE rolname LIKE '${each}%'`,
      );
      for (const { role } of rows) await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});

function configure({ environment = 'development', store = {}, user = `${name}_app` }) {
  const { hostname, port, pathname } = admin;
  const url = `postgres://${user}@${hostname}:${port || 5432}${pathname}?sslmode=disable`;
  const config = {
    environment,
    ...(environment === 'production' ? { tls: { terminatedBy: 'nginx' } } : {}),
    upstreams: { app: { url: 'http://127.0.0.1:3000' } },
    routes: [{ path: '/**', permission: 'app:read' }],
    store: { kind: 'postgres', url, password: '${APP_PASSWORD}', schema: name, ...store },
    secrets: { keyEncryptionKey: '${KEK}' },
  };
  writeFileSync(join(cwd, 'steadygate.yaml'), JSON.stringify(config));
}

async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  let [out, err] = ['', ''];
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    env: { APP_PASSWORD: PASSWORD, KEK, OWNER_URL: admin.href, ...env },
    cwd,
    isTty: false,
    nowMs: () => Date.now(),
  };
  const code = await runCli(argv, io, cliDeps(io));
  return { code, out, err };
}

async function asAdmin<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(admin.href);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const OWNER = ['--owner-url', '${OWNER_URL}'];

describe('db prepare', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['without an administrator', [], /--owner-url is missing/],
    ['with another protocol', ['--owner-url', 'mysql://root@h/d'], /not a postgres address/],
    ['with a variable that is not set', ['--owner-url', '${NOBODY_SET_THIS}'], /NOBODY_SET_THIS/],
    ['with another database', ['--owner-url', 'postgres://postgres@127.0.0.1/elsewhere'], /elsewhere/],
    ['with one role for two', [...OWNER, '--owner-role', 'a', '--read-role', 'a'], /two roles/],
  ])('%s is refused', async (_what, argv, message) => {
    const { code, err } = await run(['db', 'prepare', ...argv]);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('SS5: a password on the command line is refused, and not repeated', async () => {
    const { code, err } = await run([
      'db',
      'prepare',
      '--owner-url',
      `postgres://postgres:${PASSWORD}@db.example/steady`,
    ]);
    expect(code).toBe(2);
    expect(err).toMatch(/everybody on this machine can see/);
    expect(err).not.toContain(PASSWORD);
  });

  it('SS9: the administrator’s role is no role for the gate', async () => {
    configure({ user: decodeURIComponent(admin.username) });
    const { code, err } = await run(['db', 'prepare', ...OWNER]);
    expect(code).toBe(2);
    expect(err).toMatch(/role of the gate alone/);
  });

  it('WK11: production sends an administrator’s password over TLS only', async () => {
    configure({ environment: 'production' });
    const url = `postgres://postgres@${admin.hostname}${admin.pathname}?sslmode=disable`;
    const { code, err } = await run(['db', 'prepare', '--owner-url', url]);
    expect(code).toBe(2);
    expect(err).toMatch(/plain text/);
  });

  it('has nothing to do for a file', async () => {
    configure({ store: { kind: 'sqlite', url: undefined, password: undefined } });
    const { code, err } = await run(['db', 'prepare', '--print-sql']);
    expect(code).toBe(2);
    expect(err).toMatch(/store\.kind: postgres/);
  });
});

describe.skipIf(server === undefined)('db prepare on a server', () => {
  it('SS9: makes three roles and says what it does; again it changes nothing; the gate then logs in', async () => {
    const first = await run(['db', 'prepare', ...OWNER]);
    expect(first).toMatchObject({ code: 0, err: '' });
    for (const role of ['owner', 'app', 'read']) expect(first.out).toContain(`Create the role ${name}_${role}`);
    const second = await run(['db', 'prepare', ...OWNER, '--json']);
    expect(JSON.parse(second.out)).toMatchObject({
      ok: true,
      schema: name,
      roles: { owner: `${name}_owner`, application: `${name}_app`, readOnly: `${name}_read` },
    });
    expect(second.out).not.toContain('Create the role');
    const invite = await run(['invite', 'create', '--role', 'viewer', '--json']);
    expect(invite.err).toBe('');
    expect(JSON.parse(invite.out).invite).toMatch(/^SB-VIEW-/);
    const doctor = await run(['doctor', '--json']);
    const { checks } = JSON.parse(doctor.out);
    expect(checks.find(({ id }: { id: string }) => id === 'store')).toMatchObject({ state: 'warning' });
    expect(`${first.out}${second.out}${doctor.out}`).not.toContain(PASSWORD);
  }, 60_000);

  it('SS5: the server never sees the application’s password', async () => {
    await run(['db', 'prepare', ...OWNER]);
    const kept = await asAdmin((client) =>
      client.query(`SELECT rolpassword FROM pg_authid WHERE rolname = '${name}_app'`),
    );
    expect(kept.rows).toEqual([{ rolpassword: expect.stringMatching(/^SCRAM-SHA-256\$4096:/) }]);
    const url = new URL(admin);
    [url.username, url.password] = [`${name}_app`, PASSWORD];
    const client = new Client(url.href);
    await client.connect();
    await client.end();
  });

  it('printed statements do the same, hold no password, and need no server', async () => {
    const { code, out } = await run(['db', 'prepare', '--print-sql']);
    expect(code).toBe(0);
    expect(out).not.toContain(PASSWORD);
    expect(out).not.toContain('SCRAM-SHA-256');
    expect(out).toContain(`\\password ${name}_app`);
    await asAdmin(async (client) => {
      await client.query(out);
      await client.query(`ALTER ROLE ${name}_app PASSWORD '${PASSWORD}'`);
    });
    const invite = await run(['invite', 'create', '--role', 'viewer', '--json']);
    expect(invite.err).toBe('');
    expect(JSON.parse(invite.out).invite).toMatch(/^SB-VIEW-/);
    const again = await run(['db', 'prepare', '--print-sql', '--json', ...OWNER]);
    expect(JSON.parse(again.out).sql).not.toContain('CREATE TABLE');
  }, 60_000);

  it('is what an unprepared start asks for', async () => {
    const { code, err } = await run(['invite', 'list', '--json']);
    expect(code).toBe(2);
    expect(err).toContain(`steadygate db prepare --config ${join(cwd, 'steadygate.yaml')} --owner-url`);
    expect(err).not.toContain(PASSWORD);
    const doctor = await run(['doctor', '--json']);
    const { checks } = JSON.parse(doctor.out);
    expect(checks.find(({ id }: { id: string }) => id === 'store')).toMatchObject({ state: 'failed' });
  });
});
