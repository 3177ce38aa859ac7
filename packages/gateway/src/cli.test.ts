import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './cli.ts';
import type { StartOptions } from './cli/deps.ts';
import { COMMANDS } from './cli/commands.ts';
import { failureText, inspectStore, openOffline, storeExists } from './compose/operator.ts';
import { prepare } from './compose/prepare.ts';
import { openReplay } from './compose/replay.ts';
import { DecisionFile } from './decisions/decision-file.ts';
import { newRequestId } from './decisions/request-id.ts';
import { OPERATOR_COMMANDS } from './operator/commands.ts';
import type { OpenedStore } from './operator/deps.ts';
import { type OperatorSocket, serveOperator } from './operator/socket.ts';
import { loadedConfig, offlineConfig } from './start/offline-config.ts';

const CONFIG = `
environment: development
upstreams:
  app: { url: http://127.0.0.1:9 }
routes:
  - path: /api/**
    upstream: app
    access: session
    permission: { read: chats:read, write: chats:write }
roles:
  member: { permissions: [chats:read, chats:write] }
`;

let cwd: string;
let started: StartOptions[];
let serving: { store: OpenedStore; socket: OperatorSocket } | undefined;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'sg-cli-'));
  started = [];
});

afterEach(async () => {
  await serving?.socket.close();
  await serving?.store.close();
  serving = undefined;
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  argv: readonly string[],
  more: { env?: Record<string, string>; isTty?: boolean } = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  const env = more.env ?? {};
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    env,
    cwd,
    isTty: more.isTty ?? false,
    nowMs: () => Date.now(),
  };
  const code = await runCli(argv, io, {
    version: '1.2.3',
    start: (options) => {
      started.push(options);
      return Promise.resolve(0);
    },
    openOffline: (dataDir, source) => openOffline(dataDir, offlineConfig(source, env)),
    openReplay: (source) => openReplay(offlineConfig(source, env)),
    prepareDatabase: (source, options) => prepare(offlineConfig(source, env), options),
    storeExists: (dataDir, source) => storeExists(dataDir, loadedConfig(source, env)),
    inspectStore: (dataDir, source) => inspectStore(dataDir, loadedConfig(source, env)),
    failureText,
  });
  return { code, out, err };
}

/** A configuration, and a store that was once made. */
async function installed(): Promise<void> {
  await writeFile(join(cwd, 'steadygate.yaml'), CONFIG);
  await (await open()).close();
}

async function open(): Promise<OpenedStore> {
  const opened = await openOffline(
    join(cwd, '.steadygate'),
    offlineConfig({ kind: 'file', file: join(cwd, 'steadygate.yaml') }, {}),
  );
  if (opened === 'in-use') throw new Error('in use');
  return opened;
}

async function serve(): Promise<void> {
  const store = await open();
  const posture = () =>
    Promise.resolve({
      checkedAt: 0,
      configDigest: 'd',
      build: 'b',
      vantage: 'inside',
      controls: [
        {
          id: 'SB1',
          claim: 'Routes are closed',
          area: 'access',
          state: 'proven' as const,
          checkedAt: 0,
          detail: '',
          asvs: [],
          soc2: [],
        },
        {
          id: 'SB20',
          claim: 'No way around',
          area: 'network',
          state: 'failing' as const,
          checkedAt: 0,
          detail: 'the port \u001b[2J answers',
          asvs: [],
          soc2: [],
        },
      ],
    });
  const endpoint = { commands: OPERATOR_COMMANDS, deps: { ...store.deps, posture }, onBug: () => undefined };
  serving = { store, socket: await serveOperator({ dataDir: join(cwd, '.steadygate') }, endpoint) };
}

async function json(argv: readonly string[]): Promise<Record<string, unknown>> {
  const ran = await run([...argv, '--json']);
  expect({ argv, code: ran.code, err: ran.err }).toEqual({ argv, code: 0, err: '' });
  // Every command answers with an object.
  return JSON.parse(ran.out) as Record<string, unknown>;
}

describe('help', () => {
  it('lists every command, and each has help of its own that fits a terminal', async () => {
    const { out, code } = await run([]);
    expect(code).toBe(0);
    for (const { name } of COMMANDS) {
      expect(out).toContain(`  ${name}`);
      const help = await run([...name.split(' '), '--help']);
      expect(help).toMatchObject({ code: 0, err: '' });
      expect(help.out).toContain(`Usage: steadygate ${name}`);
      expect(help.out).toContain('--json');
    }
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect((await run(['help'])).out).toBe(out);
  });

  it('reads like this', async () => {
    expect((await run(['help', 'invite', 'create'])).out).toMatchInlineSnapshot(`
      "Issue an invite: a code to type, and a link

      Usage: steadygate invite create --role NAME [options]

        --role NAME      The role it gives, such as admin or viewer
        --tenant TENANT  Default: default
        --user ID        For this existing user; else each use makes a new one
        --uses N         How often it can be used. Default: as configured (1)
        --expires TIME   How long it holds, such as 72h. Default: as configured
        --data DIR       The data directory. Default: ./.steadygate
        --config FILE    The configuration. Default: ./steadygate.yaml, if there is one
        --json           Print JSON.

      The code and the link are shown once; only their digests are kept.

      Examples:
        steadygate invite create --role viewer
        steadygate invite create --role member --uses 20 --expires 48h --json
      "
    `);
    expect((await run(['invite', '--help'])).out).toMatchInlineSnapshot(`
      "Usage: steadygate invite COMMAND [options]

        invite create  Issue an invite: a code to type, and a link
        invite list    List invites, without their codes
        invite revoke  Withdraw an invite
      "
    `);
  });

  it('tells the version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, out: 'steadygate 1.2.3\n', err: '' });
  });
});

describe('a command line that makes no sense', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['chekc', 'There is no command chekc. Did you mean: steadygate check?'],
    ['invite creat', 'There is no command invite creat. Did you mean: steadygate invite create?'],
    ['invite', 'invite needs a word more: create, list, revoke.'],
    ['invite create --roel admin', 'invite create has no option --roel. Did you mean --role?'],
    ['invite create', '--role is missing.'],
    ['invite create --role', '--role needs a value: NAME.'],
    ['invite create --role a --role b', '--role was given twice.'],
    ['invite create --role a --uses many', '--uses takes a whole number.'],
    ['invite create --role a --expires soon', '--expires takes a duration, such as 15m or 72h.'],
    ['invite create --role a --json=yes', '--json takes no value.'],
    ['invite create --role a SB-ADMIN-K7MQ4XWP', 'invite create was given an argument too many.'],
    ['invite create -r a', 'invite create has no option -r.'],
    ['invite create --toString', 'invite create has no option --toString.'],
    ['explain', 'explain needs ID'],
    ['session revoke', 'Name either a session or a user (--user).'],
    ['secrets rotate --purpose x', '--purpose is access or assertion.'],
    ['start --listen nowhere', '--listen takes HOST:PORT'],
    ['start --listen 0.0.0.0:80', 'The demo is for this machine only (T16)'],
    ['start --upstream ftp://user:hunter22@x', '--upstream takes an address'],
    ['start --config nowhere.yaml', 'The file that --config names does not exist.'],
    ['check', 'There is no ./steadygate.yaml.'],
    ['\u001b[31mred', 'There is no command ?[31mred.'],
  ];

  it.each(cases)('%s', async (line, message) => {
    const { code, out, err } = await run(line.split(' '));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(`steadygate: ${message}`);
    for (const never of ['hunter22', 'K7MQ4XWP', '\u001b']) expect(err).not.toContain(never);
    expect(started).toEqual([]);
  });
});

describe('start', () => {
  it('without configuration and upstream is the demo, with data of its own', async () => {
    expect(await run(['start'])).toEqual({ code: 0, out: '', err: '' });
    const dataDir = join(cwd, '.steadygate', 'demo');
    expect(started).toEqual([{ source: { kind: 'demo' }, dataDir, listen: undefined, isJson: false }]);
  });

  it('takes the configuration that lies there, else the one that is named, else the upstream', async () => {
    await run(['start', '--upstream', 'http://127.0.0.1:3000', '--listen', '127.0.0.1:0', '--json']);
    await writeFile(join(cwd, 'steadygate.yaml'), CONFIG);
    await writeFile(join(cwd, 'other.yaml'), CONFIG);
    await run(['start']);
    await run(['start', '--config', 'other.yaml', '--data', 'd']);
    expect(started).toMatchObject([
      {
        source: { kind: 'upstream', url: 'http://127.0.0.1:3000' },
        listen: { host: '127.0.0.1', port: 0 },
        isJson: true,
      },
      { source: { kind: 'file', file: join(cwd, 'steadygate.yaml') }, dataDir: join(cwd, '.steadygate') },
      { source: { kind: 'file', file: join(cwd, 'other.yaml') }, dataDir: join(cwd, 'd') },
    ]);
    const both = await run(['start', '--config', 'other.yaml', '--upstream', 'http://127.0.0.1:3000']);
    expect(both).toMatchObject({ code: 2, err: expect.stringContaining('exclude each other') });
  });
});

describe.each(['with a server', 'without a server'])('operator commands %s', (which) => {
  beforeEach(async () => {
    await installed();
    if (which === 'with a server') await serve();
  });

  it('invites are issued, listed without their codes, and withdrawn', async () => {
    const made = await json(['invite', 'create', '--role', 'member', '--uses', '2', '--expires', '2h']);
    expect(Object.keys(made)).toEqual(['invite', 'link', 'expiresAt']);
    expect(made['invite']).toMatch(/^SB-MEMBER-[A-Z2-9]{8}$/);
    expect(made['link']).toMatch(/^http:\/\/[\w.:]+\/auth\/login#invite=sgi_[\w-]{22}$/);
    const text = await run(['invite', 'create', '--role', 'viewer']);
    expect(text.out).toMatch(/^Invite {2}SB-VIEW-\w{8}\nLink {4}http.*\nUntil {3}20.* UTC\nShown once/);
    const list = await run(['invite', 'list']);
    expect(list.out).toMatch(/ID +ROLE +STATE +USES LEFT/);
    expect(list.out).not.toContain('SB-');
    const [, id = ''] = /invite revoke ([\w-]{22})/.exec(text.out) ?? [];
    expect((await run(['invite', 'revoke', id])).code).toBe(0);
    expect((await run(['invite', 'revoke', id])).code).toBe(1);
    const { invites } = await json(['invite', 'list', '--limit', '1']);
    expect(invites).toMatchObject([{ role: 'viewer', state: 'revoked' }]);
  });

  it('users are made, let in by a link, listed and disabled', async () => {
    const user = await json(['user', 'create', '--role', 'member', '--name', 'A\u001b[2Jda']);
    const id = String(user['id']);
    const made = await json(['session', 'create', '--user', id]);
    expect(made['link']).toMatch(/\/auth\/login#link=sgl_[\w-]{22}$/);
    expect((await run(['user', 'list'])).out).toContain('A\\u{1b}[2Jda');
    expect((await run(['session', 'list', '--user', id])).out).toBe('No live sessions.\n');
    expect((await run(['session', 'revoke', '--user', id])).out).toBe('0 sessions ended.\n');
    expect((await run(['session', 'revoke', 'unknown'])).code).toBe(1);
    expect((await run(['user', 'disable', id])).code).toBe(0);
    expect((await run(['user', 'disable', id])).code).toBe(1);
    expect((await run(['session', 'create', '--user', id])).code).toBe(1);
  });

  it('objects without an owner get one; T5: an owned one keeps its owner unless it is moved on purpose', async () => {
    const owner = String((await json(['user', 'create', '--role', 'member']))['id']);
    const other = String((await json(['user', 'create', '--role', 'member']))['id']);
    const object = ['--upstream', 'app', '--resource', 'chat', '--object', '42', '--reason', 'moved in'];
    expect(await run(['owner', 'import', ...object, '--user', 'nobody'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('owner'),
    });
    expect(await run(['owner', 'transfer', ...object, '--user', owner])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('owner'),
    });
    expect((await run(['owner', 'import', ...object, '--user', owner])).code).toBe(0);
    expect((await run(['owner', 'import', ...object, '--user', other])).err).toContain('The object has an owner.');
    expect(await json(['owner', 'list'])).toMatchObject({ objects: [{ objectId: '42', ownerId: owner }] });
    expect((await run(['owner', 'transfer', ...object, '--user', other])).code).toBe(0);
    expect(await json(['owner', 'list', '--user', other])).toMatchObject({ objects: [{ objectId: '42' }] });
    expect((await run(['owner', 'orphans'])).out).toBe('No orphans.\n');
  });

  it('tenants are made and told apart', async () => {
    expect((await run(['tenant', 'create', 'acme'])).code).toBe(0);
    expect((await run(['tenant', 'create', 'acme'])).code).toBe(1);
    expect((await run(['tenant', 'create', 'No Such'])).code).toBe(2);
    expect((await run(['tenant', 'list'])).out).toMatch(/acme .*\ndefault .*\nsystem /);
    await json(['invite', 'create', '--role', 'viewer', '--tenant', 'acme']);
    expect(await json(['invite', 'list'])).toMatchObject({ invites: [] });
    const unknown = await run(['invite', 'create', '--role', 'viewer', '--tenant', 'acne']);
    expect(unknown).toMatchObject({
      code: 1,
      err: 'steadygate: There is no tenant acne. Tenants: acme, default, system.\n',
    });
  });

  it('what they change stands in the audit log as the operator’s doing', async () => {
    await json(['invite', 'create', '--role', 'viewer']);
    await run(['secrets', 'rotate', '--purpose', 'access']);
    expect((await run(['audit', 'list'])).out).toMatch(/invite\.created +system:cli/);
    expect(await json(['audit', 'list', '--tenant', 'system', '--limit', '1'])).toMatchObject({
      entries: [{ action: 'key.rotated', actor: 'system:cli', facts: { purpose: 'access' } }],
    });
  });

  it('bad input is refused by name, never by value', async () => {
    const role = await run(['invite', 'create', '--role', 'boss']);
    expect(role).toMatchObject({ code: 2, err: 'steadygate: There is no role boss. Roles: admin, viewer, member.\n' });
    const uses = await run(['invite', 'create', '--role', 'viewer', '--uses', '0', '--json']);
    expect(uses).toMatchObject({ code: 2, out: '' });
    expect(JSON.parse(uses.err)).toEqual({ error: { code: 'input-invalid', message: 'uses: at least 1' } });
    expect((await run(['invite', 'create', '--role', 'viewer', '--expires', '1000d'])).err).toContain('at most 720h');
  });

  it('a refusal is explained with its configuration line and what would let it through', async () => {
    const random = { bytes: (count: number) => new Uint8Array(count), id: () => '' };
    const requestId = newRequestId(random, Date.now());
    const file = new DecisionFile({ directory: join(cwd, '.steadygate', 'decisions') });
    file.append({
      requestId,
      at: Date.now(),
      method: 'POST',
      path: '/api/chats',
      route: 'routes[0]',
      outcome: 'deny',
      status: 403,
      code: 'permission-denied',
      guard: 'permission',
      userId: 'u1',
      tenantId: 'default',
      role: 'viewer',
      durationMs: 1.25,
      findings: [
        { guard: 'permission', rule: 'chats:write', config: 'routes[0].permission', exception: 'roles:\n  viewer: …' },
        { guard: 'waf', rule: 'x', field: 'body', evidence: 'a\u001b[2Jb', shadow: true },
      ],
    });
    await file.flush();
    const { out, code } = await run(['explain', requestId]);
    expect(code).toBe(0);
    expect(out).toContain('403, refused (permission-denied)');
    expect(out).toContain('routes[0].permission (steadygate.yaml:9)');
    expect(out).toContain('to allow    roles:\n                viewer: …');
    expect(out).toContain('a\\u{1b}[2Jb');
    expect(await json(['explain', requestId])).toMatchObject({ requestId, code: 'permission-denied' });
    const unknown = await run(['explain', newRequestId(random, 0)]);
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('No decision of that request is kept.') });
  });
});

describe('posture', () => {
  it('needs a server', async () => {
    await installed();
    const { code, err } = await run(['posture']);
    expect({ code, err }).toEqual({
      code: 2,
      err: `steadygate: No server is running on ${join(cwd, '.steadygate')}.\n`,
    });
  });

  it('T25: shows what the probes saw, escaped, and fails when one does', async () => {
    await installed();
    await serve();
    const { code, out } = await run(['posture']);
    expect(code).toBe(1);
    expect(out).toContain('failing  SB20  No way around\n               the port \\u{1b}[2J answers\n');
    expect(out).toContain('1 proven, 1 failing, 0 stale, 0 planned');
  });
});

describe('where commands look', () => {
  it('nothing is made where nothing is kept', async () => {
    const { code, err } = await run(['user', 'list', '--data', 'typo']);
    expect(code).toBe(2);
    expect(err).toContain('Nothing is kept in');
    expect(await readdir(cwd)).toEqual([]);
  });

  it('a damaged store is named and left alone', async () => {
    await mkdir(join(cwd, '.steadygate'), { mode: 0o700 });
    await writeFile(
      join(cwd, '.steadygate', 'steadygate.db'),
      'this is no database, but it is long enough to be taken for one'.repeat(20),
    );
    await writeFile(join(cwd, '.steadygate', 'kek'), randomBytes(32).toString('hex'), { mode: 0o600 });
    const { code, err } = await run(['user', 'list']);
    expect(code).toBe(2);
    expect(err).toMatch(/is damaged and was left as it is/);
  });

  it('SB15: a key-encryption key that is gone is named, and none is made in its place', async () => {
    await installed();
    const kek = join(cwd, '.steadygate', 'kek');
    await rm(kek);
    const { code, err } = await run(['user', 'list']);
    expect(code).toBe(2);
    expect(err).toMatch(/kek is gone/);
    expect(await readdir(join(cwd, '.steadygate'))).not.toContain('kek');
  });

  it('without a configuration, the demo’s data when it is there', async () => {
    await mkdir(join(cwd, '.steadygate', 'demo'), { recursive: true, mode: 0o700 });
    await writeFile(join(cwd, '.steadygate', 'demo', 'steadygate.db'), '');
    expect(await json(['tenant', 'list'])).toMatchObject({ tenants: [{ id: 'default' }, { id: 'system' }] });
  });
});

describe('check', () => {
  it('says that a good configuration would start, and prints guards × routes', async () => {
    await writeFile(join(cwd, 'steadygate.yaml'), CONFIG);
    const { code, out } = await run(['check', '--table']);
    expect(code).toBe(0);
    expect(out).toMatch(/\/api\/\*\* +session +chats:read \/ chats:write/);
    expect(out).toContain('The configuration would start.');
    expect(await json(['check', '--table'])).toMatchObject({ ok: true, problems: [], table: expect.any(Array) });
  });

  it('names every problem with file, line, column and a hint', async () => {
    await writeFile(join(cwd, 'steadygate.yaml'), CONFIG.replace('permission: {', 'permision: {'));
    const { code, out } = await run(['check']);
    expect(code).toBe(1);
    expect(out).toMatch(/steadygate\.yaml:9:5: .*permision/);
  });

  it('refuses in production what development lets pass', async () => {
    await writeFile(join(cwd, 'steadygate.yaml'), CONFIG.replace('development', 'production'));
    const { code, out } = await run(['check']);
    expect(code).toBe(1);
    expect(out).toContain('Production has no key-encryption key.');
  });
});

describe('colour', () => {
  it('is used on a terminal, and never when NO_COLOR is set or elsewhere', async () => {
    await installed();
    const argv = ['tenant', 'list'];
    expect((await run(argv, { isTty: true })).out).toContain('\u001b[1m');
    expect((await run(argv, { isTty: true, env: { NO_COLOR: '1' } })).out).not.toContain('\u001b');
    expect((await run(argv)).out).not.toContain('\u001b');
  });
});

describe('doctor', () => {
  it('reports in text and JSON, and fails when something is amiss', async () => {
    await installed();
    expect(await json(['doctor'])).toMatchObject({ ok: true, checks: expect.any(Array) });
    await writeFile(join(cwd, '.env.backup'), 'PASSWORD=hunter22');
    const { code, out } = await run(['doctor']);
    expect(code).toBe(1);
    expect(out).toMatch(/^warning {2}stray-files .*\.env\.backup/m);
    expect(out).not.toContain('hunter22');
  });
});
