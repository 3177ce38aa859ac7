import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningGate } from './support/gate.ts';
import { startGate } from './support/gate.ts';
import { signIn } from './support/people.ts';
import type { RecordingUpstream } from './support/recording-upstream.ts';
import { jsonAnswer, startRecordingUpstream } from './support/recording-upstream.ts';
import type { TinyDisk } from './support/tiny-disk.ts';
import { canMount, tinyDisk } from './support/tiny-disk.ts';
import { until } from './support/until.ts';

describe.skipIf(!canMount())('T11: a full disk', () => {
  let upstream: RecordingUpstream;
  let disk: TinyDisk | undefined;
  let gate: RunningGate;

  beforeAll(async () => {
    upstream = await startRecordingUpstream((seen, response, incoming) => {
      jsonAnswer(seen.method === 'POST' ? 201 : 200, `{"id":"${randomUUID()}"}`)(seen, response, incoming);
    });
    disk = tinyDisk(3_000);
    gate = await startGate({
      dataDir: join(disk?.folder ?? '', 'data'),
      config: {
        environment: 'development',
        upstreams: { app: { url: upstream.url } },
        routes: [{ path: '/api/**', upstream: 'app', permission: { read: 'app:read', write: 'app:write' } }],
        ownership: [
          {
            resource: 'chat',
            idPattern: '[0-9a-f-]{36}',
            creates: { 'POST /api/chats': '$.id' },
            guards: ['/api/chats/{id}/**'],
          },
        ],
        limits: { general: '1000000/15m' },
      },
    });
  });

  afterAll(async () => {
    await gate?.stop();
    disk?.unmount();
    await upstream?.close();
  });

  it('refuses changes and reads on; what it acknowledged stays; it recovers when there is room again', async () => {
    const { token } = await signIn(gate, String(gate.invite));
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const create = async () => {
      const answer = await fetch(`${gate.url}/api/chats`, { method: 'POST', headers, body: '{}' });
      // What the application or a problem says.
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const read = async (id: unknown) => (await fetch(`${gate.url}/api/chats/${String(id)}`, { headers })).status;

    const owned: unknown[] = [(await create()).body['id']];
    const ballast = join(disk?.folder ?? '', 'ballast');
    fill(ballast);
    const refused = await until('a change is refused', async () => {
      const made = await create();
      if (made.status === 201) owned.push(made.body['id']);
      return made.status === 201 ? undefined : made;
    });
    expect(refused).toEqual({ status: 503, body: expect.objectContaining({ code: 'unavailable' }) });
    for (const id of owned) expect(await read(id)).toBe(200);

    rmSync(ballast);
    const again = await until('there is room', async () => {
      const made = await create();
      return made.status === 201 ? made : undefined;
    });
    for (const id of [...owned, again.body['id']]) expect(await read(id)).toBe(200);
    expect((await fetch(`${gate.url}/health/ready`)).status).toBe(200);
    const failures = gate.lines.filter((line) => line.includes('a recurring job failed'));
    expect(failures.length).toBeLessThan(4);
  });

  it('stops all the same', async () => {
    fill(join(disk?.folder ?? '', 'ballast'));
    await fetch(`${gate.url}/refused`);
    const code = await gate.stop();
    expect([code, code === 0 ? '' : gate.stderr()]).toEqual([0, '']);
  });
});

describe.skipIf(!canMount())('T12: a disk that requests fill', () => {
  it('keeps room for changes: decisions stop before it is full', async () => {
    const disk = tinyDisk(6_000);
    const gate = await startGate({
      dataDir: join(disk?.folder ?? '', 'data'),
      config: {
        environment: 'development',
        upstreams: { app: { url: 'http://127.0.0.1:9' } },
        routes: [{ path: '/closed/**', access: 'public', deny: true }],
      },
    });
    try {
      const path = `/closed/${'a'.repeat(4_000)}`;
      await until('decisions are left out', async () => {
        await Promise.all(Array.from({ length: 50 }, () => fetch(`${gate.url}${path}`)));
        return gate.lines.some((line) => line.includes('kept for changes')) ? true : undefined;
      });
      const { invite } = await gate.operator('invite', 'create', '--role', 'viewer');
      expect(invite).toMatch(/^SB-VIEW-/);
    } finally {
      await gate.stop();
      disk?.unmount();
    }
  });
});

function fill(path: string): void {
  const file = openSync(path, 'w');
  for (const size of [65_536, 4_096]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size));
    } catch {
      // Full: that was the purpose.
    }
  }
  closeSync(file);
}
