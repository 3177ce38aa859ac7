import { fstatSync, openSync, readFileSync, closeSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import type { FileValue, ValueSources } from './interpolate.ts';
import { parseConfig } from './parse-config.ts';
import type { LoadResult } from './parse-config.ts';

const CONFIG_BYTES_MAX = 1024 ** 2;
const SECRET_BYTES_MAX = 64 * 1024;
const DOCUMENT_BYTES_MAX = 8 * 1024 ** 2;

/** Reads and parses the configuration in `file`. Never throws: what cannot be read is a problem like any other. */
export function loadConfig(file: string, environment: Readonly<Record<string, string | undefined>>): LoadResult {
  const read = readSmallFile(resolve(file), CONFIG_BYTES_MAX);
  if ('error' in read) {
    const problem = {
      file,
      line: 1,
      column: 1,
      path: '',
      message: `${read.error}`,
      hint: 'Name another one with --config.',
    };
    return { ok: false, problems: [problem], files: [] };
  }
  return parseConfig(read.text, file, valueSources(dirname(read.path), environment));
}

/** Variables, and files relative to `folder`, for interpolation. */
export function valueSources(folder: string, environment: Readonly<Record<string, string | undefined>>): ValueSources {
  return {
    environment,
    readFile: (path) => readSmallFile(resolve(folder, path), SECRET_BYTES_MAX),
    readDocument: (path) => readSmallFile(resolve(folder, path), DOCUMENT_BYTES_MAX),
  };
}

const ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
  EISDIR: 'is a folder',
  ENOTDIR: 'does not exist',
};

function readSmallFile(path: string, bytesMax: number): FileValue {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    // Asked of the open file, so that mode and text are those of the same one.
    const facts = fstatSync(descriptor);
    if (!facts.isFile()) return { path, error: 'is not a regular file' };
    if (facts.size > bytesMax) return { path, error: 'is too large' };
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(descriptor));
    return { path, text, mode: facts.mode & 0o777 };
  } catch (cause) {
    return { path, error: reason(cause) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function reason(cause: unknown): string {
  if (cause instanceof TypeError) return 'is not valid UTF-8';
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return ERRORS[code] ?? 'cannot be read';
}
