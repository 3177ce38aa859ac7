import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { loadConfig } from './load.ts';
import type { LoadResult } from './parse-config.ts';
import { watchConfig } from './watch.ts';
import type { ConfigWatch } from './watch.ts';

let folder = '';
let file = '';
let watcher: ConfigWatch | undefined;
let results: LoadResult[] = [];

function text(level: string): string {
  return `upstreams: { app: { url: "http://127.0.0.1:3000" } }\nroutes: []\nlog: { level: ${level} }\n`;
}

/** The level of the last result; `bad` for one that did not load. */
function last(): string | undefined {
  const result = results.at(-1);
  if (result === undefined) return undefined;
  return result.ok ? result.loaded.config.log.level : 'bad';
}

function start(
  more: {
    onResult?: (result: LoadResult) => Promise<void>;
    onError?: (cause: unknown) => void;
    files?: readonly string[];
  } = {},
): ConfigWatch {
  watcher = watchConfig({
    file,
    files: more.files ?? [],
    load: () => loadConfig(file, {}),
    onResult: async (result) => {
      results.push(result);
      await more.onResult?.(result);
    },
    onError: more.onError ?? ((cause) => expect.fail(String(cause))),
    debounceMs: 5,
    pollMs: 50,
  });
  return watcher;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-watch-'));
  file = join(folder, 'steadygate.yaml');
  writeFileSync(file, text('info'));
  results = [];
});

afterEach(() => {
  watcher?.close();
  rmSync(folder, { recursive: true });
});

const soon = { timeout: 5000, interval: 10 };

describe('watching the configuration', () => {
  it('loads a file that is written in place, and one that is renamed over it, again and again', async () => {
    start();
    writeFileSync(file, text('warn'));
    await vi.waitFor(() => expect(last()).toBe('warn'), soon);
    for (const level of ['debug', 'error', 'info']) {
      writeFileSync(`${file}.tmp`, text(level));
      renameSync(`${file}.tmp`, file);
      await vi.waitFor(() => expect(last()).toBe(level), soon);
    }
  });

  it('reports a bad or vanished file, and loads the next good one', async () => {
    start();
    writeFileSync(file, 'listn: 1');
    await vi.waitFor(() => expect(last()).toBe('bad'), soon);
    unlinkSync(file);
    await vi.waitFor(() => expect(results.length).toBeGreaterThan(1), soon);
    expect(last()).toBe('bad');
    writeFileSync(file, text('warn'));
    await vi.waitFor(() => expect(last()).toBe('warn'), soon);
  });

  it('follows files that the configuration names, from when it names them', async () => {
    const secret = join(folder, 'level');
    writeFileSync(secret, 'warn');
    start();
    writeFileSync(file, text('"${file:level}"'));
    await vi.waitFor(() => expect(last()).toBe('warn'), soon);
    writeFileSync(secret, 'debug');
    await vi.waitFor(() => expect(last()).toBe('debug'), soon);
  });

  it('T11: of changes during a reload the last one wins, and no two reloads run at once', async () => {
    let running = 0;
    let most = 0;
    start({
      onResult: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
      },
    });
    for (let at = 0; at < 20; at += 1) {
      writeFileSync(file, text(at % 2 === 0 ? 'warn' : 'debug'));
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    writeFileSync(file, text('error'));
    await vi.waitFor(() => expect(last()).toBe('error'), soon);
    expect(most).toBe(1);
  });

  it('reloads when asked, changed or not', async () => {
    const running = start();
    await Promise.all([running.reload(), running.reload()]);
    expect(results).toHaveLength(2);
  });

  it('survives a receiver that fails, and tells of it', async () => {
    const failures: unknown[] = [];
    const running = start({
      onResult: () => Promise.reject(new Error('busy')),
      onError: (cause) => failures.push(cause),
    });
    await running.reload();
    await running.reload();
    expect(failures).toHaveLength(2);
  });

  it('says nothing any more once closed', async () => {
    const running = start();
    running.close();
    writeFileSync(file, text('warn'));
    await running.reload();
    expect(results).toEqual([]);
  });

  it('works where a folder does not exist yet', async () => {
    start({ files: [join(folder, 'later', 'secret')] });
    writeFileSync(file, text('warn'));
    await vi.waitFor(() => expect(last()).toBe('warn'), soon);
  });
});
