import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadKek, parseKek } from './key-encryption-key.ts';
import { systemRandom as random } from './random.ts';

const BYTES = Buffer.from(Array.from({ length: 32 }, (_, at) => (at * 37) % 256));

describe('the key-encryption key', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'kek-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const source = (environment: 'development' | 'production', configured?: string) => ({
    configured,
    environment,
    dataDir: join(root, 'data'),
    isSealed: false,
    random,
  });

  it.each(['hex', 'base64', 'base64url'] as const)('is read from %s', (encoding) => {
    expect(parseKek(` ${BYTES.toString(encoding)}\n`).export()).toEqual(BYTES);
  });

  it.each([
    '',
    'short',
    'a'.repeat(43),
    '0'.repeat(64),
    BYTES.subarray(1).toString('hex'),
    'please_change_in_production',
  ])('is refused when malformed or no chance was in it: %j, and not repeated', (text) => {
    expect(() => parseKek(text)).toThrow(expect.objectContaining({ code: 'kek-malformed' }));
  });

  it('WK9: is never made up in production', () => {
    expect(() => loadKek(source('production'))).toThrow(expect.objectContaining({ code: 'kek-missing' }));
    expect(loadKek(source('production', BYTES.toString('hex'))).export()).toEqual(BYTES);
  });

  it('SB15: is made once in development, for its owner only', () => {
    const first = loadKek(source('development')).export();
    const path = join(root, 'data', 'kek');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(root, 'data')).mode & 0o777).toBe(0o700);
    expect(loadKek(source('development')).export()).toEqual(first);
  });

  it('SB15: is not made anew where something was sealed with one that is gone', () => {
    const sealed = { ...source('development'), isSealed: true };
    expect(() => loadKek(sealed)).toThrow(expect.objectContaining({ code: 'kek-missing' }));
    expect(existsSync(join(root, 'data', 'kek'))).toBe(false);
    const made = loadKek(source('development')).export();
    expect(loadKek(sealed).export()).toEqual(made);
  });

  it('is refused when others can read it, and never overwritten', () => {
    loadKek(source('development'));
    const path = join(root, 'data', 'kek');
    chmodSync(path, 0o644);
    expect(() => loadKek(source('development'))).toThrow(expect.objectContaining({ code: 'kek-exposed' }));
    chmodSync(path, 0o600);
    writeFileSync(path, 'damaged');
    expect(() => loadKek(source('development'))).toThrow(expect.objectContaining({ code: 'kek-malformed' }));
    expect(readFileSync(path, 'utf8')).toBe('damaged');
  });

  it('does not show when it is printed', () => {
    const kek = parseKek(BYTES.toString('hex'));
    expect(`${inspect(kek, { depth: 9 })}${JSON.stringify(kek)}`).not.toContain(BYTES.toString('hex').slice(0, 12));
  });
});
