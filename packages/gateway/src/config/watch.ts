import { statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

import type { LoadResult } from './parse-config.ts';

/** What a watcher needs. Times in milliseconds. */
export interface WatchOptions {
  readonly file: string;
  /** `${file:…}` targets of the configuration that is loaded now. */
  readonly files: readonly string[];
  /** Loads afresh; its result names the files to watch from then on. */
  load(): LoadResult;
  /** Gets every result that differs in time, bad ones too: the receiver keeps what it has then. Never two at once. */
  onResult(result: LoadResult): void | Promise<void>;
  /** Gets what `onResult` throws: watching goes on. */
  onError(cause: unknown): void;
  /** Quiet time before a change is read; editors write in several steps. */
  readonly debounceMs?: number;
  /** Fallback for file systems without events. */
  readonly pollMs?: number;
}

/** A running watcher. */
export interface ConfigWatch {
  /** Reloads now, whether or not something changed (SIGHUP). Resolves when the result was taken. */
  reload(): Promise<void>;
  close(): void;
}

/**
 * Reloads a configuration when it or one of its secret files changes.
 *
 * Watches folders, not files: editors save by renaming a new file over the old one, which ends a watch of the file.
 * Reloads run one after another, and a change during a reload leads to another one, so the last state wins.
 */
export function watchConfig(options: WatchOptions): ConfigWatch {
  return new FileWatch(options);
}

class FileWatch implements ConfigWatch {
  readonly #options: WatchOptions;
  readonly #poll: NodeJS.Timeout;
  #folders: readonly FSWatcher[] = [];
  #paths: readonly string[] = [];
  #seen: ReadonlyMap<string, string> = new Map();
  #timer: NodeJS.Timeout | undefined;
  #queue: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#observe(options.files);
    this.#seen = fingerprints(this.#paths);
    this.#poll = setInterval(() => this.#changed(), options.pollMs ?? 2000);
    this.#poll.unref();
  }

  reload(): Promise<void> {
    this.#queue = this.#queue.then(() => this.#take());
    return this.#queue;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#timer);
    for (const folder of this.#folders) folder.close();
  }

  /** Events and polls only say "look": whether something changed is read from the files. */
  #changed(): void {
    if (this.#closed || this.#timer !== undefined || !this.#differs()) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.reload();
    }, this.#options.debounceMs ?? 100);
    this.#timer.unref();
  }

  async #take(): Promise<void> {
    if (this.#closed) return;
    try {
      // Taken before the load: what changes meanwhile differs from it and is found by the next look.
      const before = fingerprints(this.#paths);
      const result = this.#options.load();
      this.#observe(result.files);
      this.#seen = new Map([...fingerprints(this.#paths), ...before]);
      await this.#options.onResult(result);
    } catch (cause) {
      this.#options.onError(cause);
    }
  }

  #differs(): boolean {
    return this.#paths.some((path) => fingerprint(path) !== this.#seen.get(path));
  }

  #observe(files: readonly string[]): void {
    const paths = [...new Set([this.#options.file, ...files].map((path) => resolve(path)))];
    if (paths.join('\n') === this.#paths.join('\n')) return;
    for (const folder of this.#folders) folder.close();
    this.#paths = paths;
    const folders = [...new Set(paths.map((path) => dirname(path)))];
    this.#folders = folders.map((folder) => this.#watchFolder(folder)).filter((watcher) => watcher !== undefined);
  }

  #watchFolder(folder: string): FSWatcher | undefined {
    const names = new Set(this.#paths.filter((path) => dirname(path) === folder).map((path) => basename(path)));
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || names.has(name) || isIndirect(name)) this.#changed();
      });
      // A folder that vanishes is left to the poll.
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause) return undefined;
      throw cause;
    }
  }
}

/** Kubernetes swaps mounted secrets by renaming a link named `..data`. */
function isIndirect(name: string): boolean {
  return name.startsWith('..');
}

function fingerprints(paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(paths.map((path) => [path, fingerprint(path)]));
}

/** What tells one state of a file from another: identity, length, mode and time of change, in nanoseconds. */
function fingerprint(path: string): string {
  try {
    const facts = statSync(path, { bigint: true, throwIfNoEntry: false });
    return facts === undefined ? 'absent' : [facts.ino, facts.size, facts.mtimeNs, facts.mode].join(':');
  } catch (cause) {
    return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
  }
}
