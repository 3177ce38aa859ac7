import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGate } from './support/gate.ts';
import { runBin } from './support/run-bin.ts';

const CONFIG = {
  environment: 'development',
  upstreams: { app: { url: 'http://127.0.0.1:9' } },
  routes: [{ path: '/**', upstream: 'app', access: 'public' }],
};

/** The file of the data directory that matters, and its like. */
const STORE = 'steadygate.db';

describe('a data directory that cannot be served', () => {
  let folder: string;
  let dataDir: string;
  let sound: ReadonlyMap<string, Buffer>;

  beforeAll(async () => {
    const seed = mkdtempSync(join(tmpdir(), 'sg-seed-'));
    const gate = await startGate({ config: CONFIG, dataDir: seed });
    await gate.stop();
    sound = filesOf(seed);
    rmSync(seed, { recursive: true, force: true });
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sg-'));
    dataDir = join(folder, 'data');
    mkdirSync(dataDir, { mode: 0o700 });
    for (const [name, bytes] of sound) writeFileSync(join(dataDir, name), bytes, { mode: 0o600 });
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  afterAll(() => undefined);

  const start = () =>
    runBin(['start', '--upstream', 'http://127.0.0.1:9', '--listen', '127.0.0.1:0', '--data', dataDir]);

  it.each<[string, () => void, RegExp]>([
    ['damaged in the middle', () => spoil(Buffer.alloc(4096, 0xff), 8192), /damaged and was left as it is/],
    ['no database', () => writeFileSync(join(dataDir, STORE), 'this is a diary\n'.repeat(99)), /damaged and was left/],
    ['cut short', () => cut(5000), /damaged and was left as it is/],
    ['of a newer program', () => ageSchema(999), /schema 999; this program knows \d+/],
    [
      'sealed with another key',
      () => writeFileSync(join(dataDir, 'kek'), OTHER_KEK),
      /key-encryption key is not the one/,
    ],
    ['with a key that others can read', () => exposeKek(), /kek can be read by other users/],
  ])('SS10: a store that is %s is named, exits with 2 and is not touched', async (_what, harm, message) => {
    harm();
    const before = digestsOf(dataDir);
    const { code, output } = await start();
    expect(output).toMatch(message);
    expect(code).toBe(2);
    expect(output).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(digestsOf(dataDir)).toEqual(before);
  });

  it('a data directory that cannot be made is named, with exit code 2', async () => {
    rmSync(dataDir, { recursive: true });
    writeFileSync(dataDir, 'a file\n');
    const { code, output } = await start();
    expect([code, output]).toEqual([2, expect.stringMatching(/data directory .* cannot be created or changed/)]);
    expect(readFileSync(dataDir, 'utf8')).toBe('a file\n');
  });

  const OTHER_KEK = `${createHash('sha256').update('another key').digest('hex')}\n`;

  function spoil(bytes: Buffer, at: number): void {
    const path = join(dataDir, STORE);
    const whole = readFileSync(path);
    bytes.copy(whole, at);
    writeFileSync(path, whole);
  }

  function cut(size: number): void {
    const path = join(dataDir, STORE);
    writeFileSync(path, readFileSync(path).subarray(0, size));
  }

  function ageSchema(version: number): void {
    const store = new DatabaseSync(join(dataDir, STORE));
    store.prepare(`UPDATE meta SET value = ? WHERE key = 'schemaVersion'`).run(String(version));
    store.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    store.close();
  }

  function exposeKek(): void {
    const path = join(dataDir, 'kek');
    const text = readFileSync(path);
    rmSync(path);
    writeFileSync(path, text, { mode: 0o644 });
  }
});

function filesOf(folder: string): ReadonlyMap<string, Buffer> {
  const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/** What must stay as it was: everything but the lock, and what SQLite makes to read. */
function digestsOf(folder: string): Record<string, string> {
  const kept = [...filesOf(folder)].filter(([name]) => name === STORE || name === 'kek');
  return Object.fromEntries(kept.map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')]));
}
