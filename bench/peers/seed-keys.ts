/*
 * Puts API keys into a new data directory, and prints them as JSON: `node --conditions=source seed-keys.ts CONFIG DATA COUNT`.
 *
 * A few are issued as an operator would; the others are rows like theirs, because each issue is an audited change of its own.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openOffline } from '../../packages/gateway/src/compose/operator.ts';
import { parseConfig } from '../../packages/gateway/src/config/parse-config.ts';
import { keySecrets } from '../../packages/gateway/src/crypto/api-key-secrets.ts';
import { systemRandom } from '../../packages/gateway/src/crypto/random.ts';
import { byOperator } from '../../packages/gateway/src/operator/fields.ts';
import { STORE_FILE } from '../../packages/gateway/src/store/sqlite.ts';

const ISSUED_MAX = 16;

const [file = '', dataDir = '', count = '0'] = process.argv.slice(2);
const parsed = parseConfig(readFileSync(file, 'utf8'), file, {
  environment: process.env,
  readFile: (path) => ({ path, text: readFileSync(path, 'utf8'), mode: 0o600 }),
});
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
const opened = await openOffline(dataDir, parsed.loaded);
if (opened === 'in-use') throw new Error('the data directory is in use');

const keys: string[] = [];
for (let at = 0; at < Math.min(ISSUED_MAX, Number(count)); at += 1) {
  const order = { name: `bench-${at}`, environment: 'live', permissions: ['app:read'], addresses: [] } as const;
  keys.push((await opened.deps.keyDesk.issue(order, byOperator(opened.deps, 'default'))).text);
}
await opened.close();

const database = new DatabaseSync(join(dataDir, STORE_FILE));
const rows = database.prepare('SELECT * FROM apiKey').all();
const columns = Object.keys(rows[0] ?? {});
const insert = database.prepare(
  `INSERT INTO apiKey (${columns.map((name) => `"${name}"`).join()}) VALUES (${columns.map(() => '?').join()})`,
);
const secrets = keySecrets(systemRandom);
database.exec('BEGIN');
while (keys.length < Number(count)) {
  const { id, text, digest } = secrets.make('sg_', 'live');
  const row: (typeof rows)[number] = { ...rows[keys.length % rows.length], id, digest };
  insert.run(...columns.map((name) => row[name] ?? null));
  keys.push(text);
}
database.exec('COMMIT');
database.close();
process.stdout.write(JSON.stringify(keys));
