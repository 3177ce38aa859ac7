import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { loadConfig } from './load.ts';
import { gatherFacts, strayFilesIn } from './setting-facts.ts';
import { auditSettings } from './weak-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'sg-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

const BASE = 'upstreams: { app: { url: "http://127.0.0.1:3000" } }\nroutes: [ { path: /**, permission: app:read } ]\n';

function write(name: string, content: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

describe('loading', () => {
  it('SB15: reads secret files beside the configuration, with their mode, and the audit names loose ones', () => {
    const key = write('kek', `${'b5c0f3a6d1e74829'.repeat(4)}\n`, 0o644);
    const result = loadConfig(write('good.yaml', `${BASE}secrets: { keyEncryptionKey: "\${file:kek}" }`), {});
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.files).toEqual([key]);
    expect(result.loaded.config.secrets.keyEncryptionKey?.reveal()).toHaveLength(64);

    const findings = auditSettings(result.loaded, gatherFacts(result.loaded, { dataDir: folder, environment: {} }));
    expect(findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['secret-file-readable', 'key-encryption-key-inside-data']),
    );
  });

  it.each<[string, string | Uint8Array | undefined, string]>([
    ['absent.yaml', undefined, 'does not exist'],
    ['binary.yaml', new Uint8Array([0x61, 0x3a, 0xff, 0xfe]), 'is not valid UTF-8'],
    ['huge.yaml', `# ${'x'.repeat(1024 ** 2)}`, 'is too large'],
  ])('%s is a problem, not an exception', (name, content, message) => {
    const path = content === undefined ? join(folder, name) : write(name, content);
    expect(loadConfig(path, {})).toMatchObject({ ok: false, problems: [{ file: path, line: 1, message }] });
  });

  it('a folder is not read as a configuration', () => {
    expect(loadConfig(folder, {})).toMatchObject({ ok: false, problems: [{ message: 'is not a regular file' }] });
  });

  it('a secret that cannot be read is named with its line', () => {
    mkdirSync(join(folder, 'd'), { recursive: true });
    const result = loadConfig(write('dir.yaml', `${BASE}secrets: { scrub: [ "\${file:d}", "\${file:d/none}" ] }`), {});
    expect(result).toMatchObject({
      ok: false,
      problems: [
        { line: 3, path: 'secrets.scrub[0]', message: 'needs a file that is not a regular file' },
        { line: 3, path: 'secrets.scrub[1]', message: 'needs a file that does not exist' },
      ],
      files: [join(folder, 'd'), join(folder, 'd/none')],
    });
  });

  it('SB16: finds stray secret files, and lets examples be', () => {
    const stray = mkdtempSync(join(folder, 'stray-'));
    for (const name of [
      '.env',
      '.env.backup',
      '.env.production',
      '.env-old',
      '.env.example',
      'secrets.json',
      'app.ts',
      'env',
    ]) {
      writeFileSync(join(stray, name), '');
    }
    expect(strayFilesIn(stray)).toEqual(
      ['.env', '.env-old', '.env.backup', '.env.production', 'secrets.json'].map((name) => join(stray, name)),
    );
    expect(strayFilesIn(join(stray, 'none'))).toEqual([]);
  });
});
