import { createSecretKey, type KeyObject } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '@steadygate/core';
import { KeyError } from './key-error.ts';

/** The length of a key-encryption key. */
const KEK_BYTES = 32;

/** Reads a key-encryption key of 32 bytes from hexadecimal, base64 or base64url. @throws KeyError `kek-malformed` */
export function parseKek(text: string): KeyObject {
  const trimmed = text.trim();
  const isHex = /^[0-9a-f]{64}$/i.test(trimmed);
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed);
  const bytes = Buffer.from(trimmed, isHex ? 'hex' : 'base64');
  if ((!isHex && !isBase64) || bytes.length !== KEK_BYTES || new Set(bytes).size < 8) {
    throw new KeyError('kek-malformed', 'The key-encryption key must be 32 random bytes in hex or base64.');
  }
  return createSecretKey(bytes);
}

/** Where a key-encryption key may come from. */
export interface KekSource {
  /** From the configuration; outside the data directory (T17). */
  readonly configured: string | undefined;
  readonly environment: 'development' | 'production';
  readonly dataDir: string;
  /** Whether `dataDir` holds something that was sealed already: then a key is looked for, and none made. */
  readonly isSealed: boolean;
  readonly random: Random;
}

/**
 * The key-encryption key: the configured one or, in development only, one generated once as `<data>/kek` (0600).
 *
 * @throws KeyError `kek-missing` in production without a configured key, and where one was lost; `kek-malformed`, `kek-exposed`
 */
export function loadKek(source: KekSource): KeyObject {
  if (source.configured !== undefined) return parseKek(source.configured);
  if (source.environment === 'production') {
    throw new KeyError('kek-missing', 'Production needs a key-encryption key: set secrets.keyEncryptionKey.');
  }
  const path = join(source.dataDir, 'kek');
  const found = readKekFile(path);
  if (found === undefined && source.isSealed) throw lost(path);
  return found ?? createKekFile(path, source);
}

function readKekFile(path: string): KeyObject | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return undefined;
  if ((mode & 0o077) !== 0) {
    throw new KeyError('kek-exposed', `${path} can be read by other users: chmod 600 it, or replace the key.`);
  }
  return parseKek(readFileSync(path, 'utf8'));
}

/** A new key would open nothing, and stand where the old one has to go back to. */
function lost(path: string): KeyError {
  const help = 'Put it back from a backup, or move the data directory away to start anew.';
  return new KeyError('kek-missing', `${path} is gone, and the store beside it opens with no other key. ${help}`);
}

/** `wx` never overwrites: a key that is lost takes everything sealed with it. */
function createKekFile(path: string, { dataDir, random }: KekSource): KeyObject {
  const text = Buffer.from(random.bytes(KEK_BYTES)).toString('base64');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    chmodSync(dataDir, 0o700);
    writeNew(path, `${text}\n`);
  } catch (cause) {
    throw new KeyError('kek-unwritable', `The data directory ${dataDir} cannot be created or changed.`, { cause });
  }
  return parseKek(text);
}

function writeNew(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
