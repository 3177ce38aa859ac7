import { createSecretKey, hash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { rewrapDataKey } from '../crypto/store-crypto.ts';
import { systemRandom } from '../crypto/random.ts';
import type { Tx } from './database.ts';
import { EVERY_TENANT } from './reach.ts';
import { lockDataDir } from './lock.ts';
import { openSqlite, STORE_FILE } from './sqlite.ts';
import type { Store } from './store.ts';
import { accessOf, auditOf, byGate, issueInvite, NOW, signIn, temporaryStores } from './temporary-store.contract.ts';

const { kek, dataDir, open } = temporaryStores();
const code = (value: string) => expect.objectContaining({ name: 'StoreError', code: value });
const CHAT = { tenantId: 'default', upstream: 'app', resource: 'chat', objectId: 'c1' };

/** Fills a store, closes it, and gives its directory. */
async function closedStore(use: (store: Store) => Promise<unknown> = signIn): Promise<string> {
  const dir = dataDir();
  const store = await open(dir);
  await use(store);
  await store.close(NOW);
  return dir;
}

function edit(dir: string, sql: string): void {
  const sqlite = new DatabaseSync(join(dir, STORE_FILE));
  try {
    sqlite.exec(sql);
  } finally {
    sqlite.close();
  }
}

const digestOfFile = (path: string): string => hash('sha256', readFileSync(path));

/** Everything that stands in the directory, as one text of bytes. */
function rawBytes(dir: string): string {
  return readdirSync(dir)
    .map((name) => readFileSync(join(dir, name)).toString('latin1'))
    .join('\n');
}

describe('the data directory', () => {
  it('SB15: and what is in it belong to their owner only, even where they were open before', async () => {
    const dir = dataDir();
    mkdirSync(dir, { mode: 0o755 });
    await signIn(await open(dir));
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(dir)) expect([name, statSync(join(dir, name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(readdirSync(dir)).toContain(`${STORE_FILE}-wal`);
  });

  it('has one writer: a second one is told which directory is in use, and harms nothing', async () => {
    const dir = dataDir();
    const first = await open(dir);
    await expect(open(dir)).rejects.toThrow(code('in-use'));
    await expect(open(dir)).rejects.toThrow(dir);
    expect(await first.owners.claim(CHAT, 'ann', NOW)).toBe('claimed');
    await first.close(NOW);
    expect(await (await open(dir)).owners.ownerOf(CHAT)).toBe('ann');
  });

  it('that cannot be made is named', async () => {
    const dir = dataDir();
    writeFileSync(dir, 'a file stands here');
    await expect(open(join(dir, 'below'))).rejects.toThrow(code('unwritable'));
    await expect(open(dir)).rejects.toThrow(code('unwritable'));
    expect(readFileSync(dir, 'utf8')).toBe('a file stands here');
  });

  it('with a directory in the place of the store is refused', async () => {
    const dir = dataDir();
    mkdirSync(join(dir, STORE_FILE), { recursive: true });
    await expect(open(dir)).rejects.toThrow(code('unwritable'));
  });
});

describe('a store that was found damaged', () => {
  it.each<[string, (bytes: Buffer) => void]>([
    ['head', (bytes) => void bytes.fill('x', 0, 64)],
    ['pages', (bytes) => void bytes.fill(0xff, 4096, bytes.length)],
  ])('is refused and left as it is: %s', async (_name, damage) => {
    const dir = await closedStore();
    const path = join(dir, STORE_FILE);
    const bytes = readFileSync(path);
    damage(bytes);
    writeFileSync(path, bytes);
    const before = digestOfFile(path);
    await expect(open(dir)).rejects.toThrow(code('corrupt'));
    await expect(open(dir)).rejects.toThrow('Restore a backup');
    expect(digestOfFile(path)).toBe(before);
  });

  it('a newer schema is refused and left as it is', async () => {
    const dir = await closedStore();
    edit(dir, `UPDATE meta SET value = '999' WHERE key = 'schemaVersion'`);
    const path = join(dir, STORE_FILE);
    const before = digestOfFile(path);
    await expect(open(dir)).rejects.toThrow(code('newer-schema'));
    expect(digestOfFile(path)).toBe(before);
  });

  it('another key-encryption key is refused, and the right one still opens it', async () => {
    const dir = await closedStore();
    await expect(open(dir, createSecretKey(randomBytes(32)))).rejects.toThrow(code('wrong-key'));
    await open(dir, kek);
  });
});

describe('a store that is lost at run time', () => {
  it('T11: refuses everything from then on', async () => {
    const dir = dataDir();
    const store = await open(dir);
    await store.owners.claim(CHAT, 'ann', NOW);
    expect(store.failure()).toBeUndefined();
    renameSync(join(dir, STORE_FILE), join(dirname(dir), 'taken'));
    await expect(store.owners.claim({ ...CHAT, objectId: 'c2' }, 'ann', NOW)).rejects.toThrow(code('lost'));
    await expect(store.sessions.byId('s')).rejects.toThrow(code('lost'));
    expect(store.failure()).toEqual(code('lost'));
    // Even when it is back: what happened meanwhile is unknown until it was inspected.
    renameSync(join(dirname(dir), 'taken'), join(dir, STORE_FILE));
    await expect(store.owners.claim({ ...CHAT, objectId: 'c3' }, 'ann', NOW)).rejects.toThrow(code('lost'));
  });

  it('keeps denials that could not be written', async () => {
    const dir = dataDir();
    const store = await open(dir);
    const denial = {
      guard: 'path',
      code: 'c',
      route: undefined,
      tenantId: undefined,
      userId: undefined,
      clientAddress: 'a',
      atMs: NOW,
    };
    store.denials.record(denial);
    renameSync(join(dir, STORE_FILE), join(dirname(dir), 'taken'));
    await expect(store.denials.flush(NOW, true)).rejects.toThrow(code('lost'));
    await expect(store.denials.flush(NOW, true)).rejects.toThrow(code('lost'));
  });

  it('refuses everything once it is closed', async () => {
    const store = await open();
    await store.close(NOW);
    await store.close(NOW);
    await expect(store.sessions.byId('s')).rejects.toThrow(code('closed'));
    await expect(store.owners.claim(CHAT, 'ann', NOW)).rejects.toThrow(code('closed'));
  });
});

describe('sealed columns', () => {
  it('T22: hold no name, token, code or private key in any file', async () => {
    const dir = dataDir();
    const store = await open(dir);
    await store.signingKeys.ensure(byGate());
    const { refreshToken } = await signIn(store, { name: 'Ada Lovelace of Ockham' });
    const at = { nowMs: NOW, idleMs: NOW, graceMs: 10_000 };
    const rotated = await store.sessions.rotate(refreshToken, at);
    const [key] = await store.signingKeys.load(NOW);
    const secrets = ['Lovelace', refreshToken, 'refreshToken' in rotated ? rotated.refreshToken : ''];
    const privateKey = Buffer.from(key?.privateKey ?? [])
      .subarray(-32)
      .toString('latin1');
    for (const isClosed of [false, true]) {
      if (isClosed) await store.close(NOW);
      const raw = rawBytes(dir);
      for (const secret of [...secrets, privateKey]) {
        expect(secret.length).toBeGreaterThan(7);
        expect(raw.includes(secret)).toBe(false);
      }
      expect(raw).toContain('session.started');
    }
  });

  it('T22: leave no trace of an erased subject’s key, in the journal neither', async () => {
    const dir = dataDir();
    const store = await open(dir);
    const { session } = await signIn(store, { name: 'Ada' });
    const reading = new DatabaseSync(join(dir, STORE_FILE), { readOnly: true });
    const row = reading.prepare('SELECT wrapped FROM subjectKey WHERE subjectId = ?').get(session.userId);
    reading.close();
    const wrapped = Buffer.from(row?.['wrapped'] instanceof Uint8Array ? row['wrapped'] : []).toString('latin1');
    expect(rawBytes(dir).includes(wrapped)).toBe(true);
    expect(wrapped.length).toBeGreaterThan(32);
    await store.users.erase(session.userId, byGate('system'));
    expect(rawBytes(dir).includes(wrapped)).toBe(false);
  });

  it('open under another key-encryption key once the data key was wrapped for it', async () => {
    const dir = dataDir();
    const next = createSecretKey(randomBytes(32));
    const store = await open(dir);
    const { session } = await signIn(store, { name: 'Ada' });
    await store.rewrapDataKey(
      (wrapped) => rewrapDataKey(wrapped, { from: kek, to: next, random: systemRandom }),
      byGate('system'),
    );
    await store.close(NOW);
    await expect(open(dir, kek)).rejects.toThrow(code('wrong-key'));
    const user = await (await open(dir, next)).users.get(accessOf('x'), session.userId);
    expect(user?.name).toBe('Ada');
  });
});

describe('the audit log', () => {
  it.each([
    ['changed', `UPDATE auditEntry SET entry = '{}' WHERE seq = 1`],
    ['removed', 'DELETE FROM auditEntry WHERE seq = 1'],
    ['replaced', `REPLACE INTO auditEntry VALUES (1, 0, 'default', NULL, '{}')`],
    ['put in front', `INSERT INTO auditEntry VALUES (0, 0, 'default', NULL, '{}')`],
  ])('SS12: is append-only in the database itself: no entry is %s', async (_name, sql) => {
    const dir = await closedStore();
    expect(() => edit(dir, sql)).toThrow('append-only');
  });

  it('continues where it was after a restart', async () => {
    const dir = await closedStore();
    const store = await open(dir);
    await issueInvite(store);
    const entries = await auditOf(store);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, at) => at + 1));
  });

  it('refuses an entry that no log tile could hold, with its change', async () => {
    const store = await open();
    const { session } = await signIn(store);
    const grant = {
      upstream: 'app',
      resource: 'chat',
      objectId: 'c1',
      ownerId: session.userId,
      reason: 'x'.repeat(70_000),
    };
    await expect(store.owners.importObject(grant, byGate())).rejects.toThrow('too long');
    expect(await store.owners.ownerOf(CHAT)).toBeUndefined();
  });
});

describe('transactions', () => {
  function opened() {
    const lock = lockDataDir(dataDir());
    const database = openSqlite(lock);
    const close = async (): Promise<void> => {
      await database.close();
      lock.release();
    };
    return { database, close };
  }

  it('fail alone: their neighbours in the same commit stay', async () => {
    const { database, close } = opened();
    await database.transaction(EVERY_TENANT, ({ db }) =>
      db.schema
        .createTable('meta')
        .addColumn('key', 'text', (key) => key.primaryKey())
        .addColumn('value', 'text')
        .execute(),
    );
    const put = (key: string) =>
      database.transaction(EVERY_TENANT, async ({ db }) => {
        await db
          .insertInto('meta')
          .values({ key: `${key} first`, value: '' })
          .execute();
        await db.insertInto('meta').values({ key, value: '' }).execute();
      });
    const outcomes = await Promise.allSettled([put('a'), put('b'), put('a'), put('c')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    const rows = await database.reader(EVERY_TENANT).selectFrom('meta').select('key').orderBy('key').execute();
    expect(rows.map(({ key }) => key)).toEqual(['a', 'a first', 'b', 'b first', 'c', 'c first']);
    await close();
  });

  it('cannot be written to once they are over, and readers never write', async () => {
    const { database, close } = opened();
    let kept: Tx | undefined;
    await database.transaction(EVERY_TENANT, async (tx) => {
      kept = tx;
      await tx.db.schema.createTable('meta').addColumn('key', 'text').addColumn('value', 'text').execute();
    });
    const row = { key: 'k', value: 'v' };
    await expect(kept?.db.insertInto('meta').values(row).execute()).rejects.toThrow('outside');
    await expect(database.reader(EVERY_TENANT).insertInto('meta').values(row).execute()).rejects.toThrow();
    await close();
  });

  it('take changes that arrive just as the queue runs empty', async () => {
    const { database, close } = opened();
    let done = 0;
    for (let turn = 0; turn < 50; turn += 1) {
      await database.transaction(EVERY_TENANT, () => Promise.resolve());
      done += 1;
      for (let tick = 0; tick < turn % 6; tick += 1) await Promise.resolve();
    }
    expect(done).toBe(50);
    await close();
  });
});

it('a store that never was is made, its file included', async () => {
  const dir = dataDir();
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, STORE_FILE), '');
  chmodSync(join(dir, STORE_FILE), 0o644);
  const store = await open(dir);
  expect(existsSync(join(dir, STORE_FILE))).toBe(true);
  expect((await store.feed.newest())?.seq).toBe(2);
});
