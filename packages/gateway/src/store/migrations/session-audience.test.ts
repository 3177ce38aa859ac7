import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { Kysely } from 'kysely';
import { expect, it } from 'vitest';
import { sqliteDialect } from '../sqlite-dialect.ts';
import { HOUR, NOW, signIn, temporaryStores } from '../temporary-store.contract.ts';
import { initial } from './001-initial.ts';
import { sessionAudience } from './002-session-audience.ts';

const stores = temporaryStores();
const AT = { nowMs: NOW, idleMs: HOUR, graceMs: 10_000 };

it('T1: sessions from before audiences are the application’s', async () => {
  const sqlite = new DatabaseSync(':memory:');
  const db = new Kysely<unknown>({
    dialect: sqliteDialect(sqlite, { before: () => undefined, translate: (cause) => cause }),
  });
  await initial.up(db);
  sqlite.exec(`
    INSERT INTO tenant VALUES ('default', 1);
    INSERT INTO user VALUES ('u', NULL, 1, NULL, NULL);
    INSERT INTO session VALUES ('default', 's', 'u', 'admin', 1, 1, 9, NULL, NULL);
  `);
  await sessionAudience.up(db);
  expect(sqlite.prepare('SELECT id, audience FROM session').all()).toMatchObject([{ id: 's', audience: 'session' }]);
  sqlite.close();
});

it('T1: a refresh token is refused at another listener, is not used up there, and ends nothing', async () => {
  const store = await stores.open();
  const { session, refreshToken } = await signIn(store);
  expect(session.audience).toBe('session');
  const elsewhere = { ...AT, audience: 'control' } as const;
  expect(await store.sessions.rotate(refreshToken, elsewhere)).toEqual({ kind: 'refused' });
  expect(await store.sessions.resolve(refreshToken, elsewhere)).toBeUndefined();
  expect((await store.sessions.rotate(refreshToken, AT)).kind).toBe('rotated');
  const late = { ...AT, nowMs: NOW + HOUR / 2 };
  expect(await store.sessions.rotate(refreshToken, { ...late, audience: 'control' })).toEqual({ kind: 'refused' });
  expect((await store.sessions.byId(session.id))?.endedAtMs).toBeUndefined();
  expect((await store.sessions.rotate(refreshToken, late)).kind).toBe('reused');
});

it('T1: a session of a listener that this program does not know opens nothing', async () => {
  const dataDir = stores.dataDir();
  const store = await stores.open(dataDir);
  const { session } = await signIn(store);
  const file = new DatabaseSync(join(dataDir, 'steadygate.db'));
  file.exec(`UPDATE session SET audience = 'another'`);
  file.close();
  await expect(store.sessions.byId(session.id)).rejects.toThrow(/listener/);
});
