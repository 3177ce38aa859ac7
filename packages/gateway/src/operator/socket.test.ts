import { lstat, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { execFile, spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openOffline } from '../compose/operator.ts';
import { configForUpstream } from '../config/defaults.ts';
import { callOperator, type OperatorTarget } from './client.ts';
import { defineCommand } from './command.ts';
import { OPERATOR_COMMANDS } from './commands.ts';
import type { OpenedStore } from './deps.ts';
import { createInvite, listInvites } from './invites.ts';
import { runPosture } from './posture.ts';
import { OperatorRefusal } from './refusal.ts';
import { type OperatorSocket, serveOperator } from './socket.ts';
import { socketPath } from './socket-path.ts';

const boom = defineCommand({
  name: 'boom',
  summary: 'Fails as nobody foresaw',
  needsServer: false,
  input: z.strictObject({}),
  output: z.null(),
  run: () => Promise.reject(new Error('internals: SB-ADMIN-K7MQ4XWP')),
});

let dataDir: string;
let opened: OpenedStore | undefined;
let socket: OperatorSocket | undefined;
const bugs: unknown[] = [];

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'sg-op-')), 'data');
  bugs.length = 0;
});

afterEach(async () => {
  await socket?.close();
  await opened?.close();
  socket = undefined;
  opened = undefined;
});

async function open(): Promise<OpenedStore> {
  const config = configForUpstream('http://127.0.0.1:9');
  if (!config.ok) throw new Error('the configuration is not good');
  const store = await openOffline(dataDir, config.loaded);
  if (store === 'in-use') throw new Error('the directory is in use');
  opened = store;
  return store;
}

async function serve(): Promise<void> {
  const { deps } = await open();
  const onBug = (cause: unknown): void => void bugs.push(cause);
  socket = await serveOperator({ dataDir }, { commands: [...OPERATOR_COMMANDS, boom], deps, onBug });
}

/** A target whose store must not be opened: what answers is the server. */
function online(): OperatorTarget {
  return { dataDir, offline: { exists: () => true, open: () => Promise.reject(new Error('opened the store')) } };
}

function post(
  path: string,
  options: { method?: string; body?: string },
): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socketPath(dataDir), path, method: options.method ?? 'POST' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
      );
    });
    sent.on('error', reject).end(options.body);
  });
}

describe('the control socket', () => {
  it('is its owner’s alone from the first moment, whatever the umask', async () => {
    const before = process.umask(0o000);
    try {
      await serve();
      expect((await lstat(socketPath(dataDir))).mode & 0o777).toBe(0o600);
      expect(process.umask(0o000)).toBe(0o000);
    } finally {
      process.umask(before);
    }
  });

  it('answers commands of the running server, which is the store’s only writer', async () => {
    await serve();
    const made = await callOperator(online(), createInvite, { role: 'viewer', uses: 3 });
    expect(made.invite).toMatch(/^SB-VIEW-[A-Z2-9]{8}$/);
    const { invites } = await callOperator(online(), listInvites, {});
    expect(invites).toMatchObject([{ id: made.id, role: 'viewer', usesLeft: 3, state: 'open' }]);
    expect(JSON.stringify(invites)).not.toContain(made.invite);
  });

  it('answers another process', async () => {
    await serve();
    const script = `
      const { request } = await import('node:http');
      const sent = request({ socketPath: process.argv[1], path: '/tenant.list', method: 'POST' }, (answer) => answer.pipe(process.stdout));
      sent.end('{}');`;
    const run = promisify(execFile);
    const child = await run(process.execPath, ['--input-type=module', '-e', script, socketPath(dataDir)]);
    expect(JSON.parse(child.stdout)).toMatchObject({ tenants: [{ id: 'default' }, { id: 'system' }] });
  });

  it('refuses what it does not know, and anything but JSON in a POST', async () => {
    await serve();
    const refused = [
      { path: '/nothing', body: '{}', status: 404, code: 'not-found' },
      { path: '/invite.create', method: 'GET', status: 405, code: 'method-refused' },
      { path: '/invite.create', body: '{', status: 400, code: 'body-invalid' },
      { path: '/invite.create', body: '{"role":"viewer","power":1}', status: 400, code: 'input-invalid' },
      { path: '/invite.create', body: '[]', status: 400, code: 'input-invalid' },
      {
        path: '/invite.create',
        body: JSON.stringify({ role: 'x'.repeat(70_000) }),
        status: 413,
        code: 'body-too-large',
      },
      { path: '/__proto__', body: '{}', status: 404, code: 'not-found' },
    ];
    for (const { path, status, code, ...sent } of refused) {
      const answer = await post(path, sent);
      expect({ path, status: answer.status }).toEqual({ path, status });
      expect(answer.type).toBe('application/problem+json');
      expect(JSON.parse(answer.text)).toMatchObject({ code, status });
    }
  });

  it('says nothing of a bug but the request id that the log has', async () => {
    await serve();
    const answer = await post('/boom', { body: '{}' });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('internals');
    expect(bugs).toHaveLength(1);
    await expect(callOperator(online(), boom, {})).rejects.toThrow(/request r[0-9a-z]{26}; the log of the server/);
  });

  it('refuses a path that is too long for a socket, with what would help', async () => {
    dataDir = join(dataDir, 'a'.repeat(120));
    expect(() => socketPath(dataDir)).toThrow(/100 are possible.*shorter path \(--data\)/s);
    await expect(
      serveOperator({ dataDir }, { commands: [], deps: (await open()).deps, onBug: () => undefined }),
    ).rejects.toBeInstanceOf(OperatorRefusal);
  });

  it('takes the place of a socket that a killed server left behind', async () => {
    await open();
    const leave = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', leave, socketPath(dataDir)]);
    expect((await lstat(socketPath(dataDir))).isSocket()).toBe(true);
    await opened?.close();
    await serve();
    await expect(callOperator(online(), listInvites, {})).resolves.toMatchObject({ invites: [] });
  });

  it('removes nothing but a socket', async () => {
    const { deps } = await open();
    const endpoint = { commands: [], deps, onBug: () => undefined };
    await writeFile(socketPath(dataDir), 'notes');
    await expect(serveOperator({ dataDir }, endpoint)).rejects.toThrow(/is in the way/);
    dataDir = join(dataDir, 'b');
    await opened?.close();
    await open();
    await symlink('/dev/null', socketPath(dataDir));
    await expect(serveOperator({ dataDir }, endpoint)).rejects.toThrow(/is in the way/);
  });

  it('is gone when the server has ended', async () => {
    await serve();
    await socket?.close();
    socket = undefined;
    await expect(lstat(socketPath(dataDir))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('without a server', () => {
  it('a command opens the store itself, and frees it again', async () => {
    const target = { dataDir, offline: { exists: () => true, open: () => open() } };
    const made = await callOperator(target, createInvite, { role: 'viewer' });
    const { invites } = await callOperator(target, listInvites, {});
    expect(invites.map(({ id }) => id)).toEqual([made.id]);
    opened = undefined;
  });

  it('a left-over socket is no server', async () => {
    await (await open()).close();
    opened = undefined;
    const leave = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', leave, socketPath(dataDir)]);
    const target = { dataDir, offline: { exists: () => true, open: () => open() } };
    await expect(callOperator(target, listInvites, {})).resolves.toMatchObject({ invites: [] });
    opened = undefined;
  });

  it('a command that needs one says that none runs, and opens nothing', async () => {
    await expect(callOperator(online(), runPosture, {})).rejects.toMatchObject({
      code: 'no-server',
      message: `No server is running on ${dataDir}.`,
    });
  });

  it('a mistyped data directory is not made into a store', async () => {
    const target = { dataDir, offline: { exists: () => false, open: () => open() } };
    await expect(callOperator(target, listInvites, {})).rejects.toMatchObject({ code: 'no-data' });
    await expect(lstat(dataDir)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('waits for a server that is about to listen', async () => {
    let tries = 0;
    const offline = {
      exists: () => true,
      open: async () => {
        tries += 1;
        if (tries === 2) await serve();
        return 'in-use' as const;
      },
    };
    await expect(callOperator({ dataDir, offline }, listInvites, {})).resolves.toMatchObject({ invites: [] });
    expect(tries).toBe(2);
  });
});
