import { appendFile, mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

const HOUR_MS = 3_600_000;
/** The part of the cap by which the ring may outgrow it before it is cut. */
const CAP_SLACK = 1 / 16;
/** Disk space that is left to what must be written: at most so much, and no more than this part of the disk. */
const RESERVE_BYTES = 64 * 1024 ** 2;
const RESERVE_PART = 1 / 20;

/** How much room a disk has, in bytes. */
export interface DiskRoom {
  readonly free: number;
  readonly total: number;
}

export interface SegmentsOptions {
  readonly directory: string;
  /** Older segments are removed. Default 24 h. */
  readonly keepMs?: number;
  /** The oldest segments are removed beyond this. Default 1 GiB. */
  readonly bytesMax?: number;
  /** Tells the room around a directory. Default: asks the file system. */
  readonly room?: (directory: string) => Promise<DiskRoom>;
}

/** The disk is nearly full: the rest is kept for changes and their audit entries. */
class ReservedDiskError extends Error {
  constructor() {
    super('the disk is nearly full: what is left is kept for changes');
    this.name = 'ReservedDiskError';
  }
}

/** A capped ring of lines on disk: one file an hour, for the owner of the data directory only (T12). */
export class HourlySegments {
  readonly #options: Required<SegmentsOptions>;
  /** The segment that ended in a whole line when this process last wrote to it. */
  #wholeHour: number | undefined;
  #unprunedBytes = 0;

  constructor(options: SegmentsOptions) {
    this.#options = { keepMs: 24 * HOUR_MS, bytesMax: 1024 ** 3, room: roomAround, ...options };
  }

  /** Appends lines by the hour of their time. Rejects when the directory cannot be written. Rejects too when the disk is nearly full. */
  async write(lines: readonly { readonly atMs: number; readonly line: string }[]): Promise<void> {
    if (lines.length === 0) return;
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
    for (const [hour, group] of Map.groupBy(lines, ({ atMs }) => hourOf(atMs))) {
      await this.#append(hour, group.map(({ line }) => `${line}\n`).join(''));
    }
    // A flood fills the ring faster than the hour turns: the cap holds between two rounds of housekeeping too.
    if (this.#unprunedBytes > this.#options.bytesMax * CAP_SLACK) {
      await this.prune(lines.reduce((latest, { atMs }) => Math.max(latest, atMs), 0));
    }
  }

  /** Removes what is older than the cap of age, then the oldest beyond the cap of size. */
  async prune(nowMs: number): Promise<void> {
    this.#unprunedBytes = 0;
    let bytes = 0;
    for (const hour of (await this.hours()).toReversed()) {
      bytes += (await stat(this.path(hour))).size;
      const tooOld = (hour + 1) * HOUR_MS < nowMs - this.#options.keepMs;
      if (tooOld || bytes > this.#options.bytesMax) await rm(this.path(hour), { force: true });
    }
  }

  /** The hours that have a segment, the oldest first. */
  async hours(): Promise<readonly number[]> {
    const names = await readdir(this.#options.directory).catch(() => []);
    return names
      .filter((name) => /^\d+\.jsonl$/.test(name))
      .map((name) => Number.parseInt(name, 10))
      .toSorted((a, b) => a - b);
  }

  path(hour: number): string {
    return join(this.#options.directory, `${hour}.jsonl`);
  }

  /** T12: a flood of requests must not take the room of what an operator changes. */
  async #assertRoom(bytes: number): Promise<void> {
    const { free, total } = await this.#options.room(this.#options.directory);
    if (free - bytes < Math.min(RESERVE_BYTES, total * RESERVE_PART)) throw new ReservedDiskError();
  }

  /** What a crash or a full disk tore apart must not swallow the line after it. */
  async #append(hour: number, lines: string): Promise<void> {
    const text = this.#wholeHour === hour ? lines : `\n${lines}`;
    const bytes = Buffer.byteLength(text);
    await this.#assertRoom(bytes);
    this.#wholeHour = undefined;
    await appendFile(this.path(hour), text, { mode: 0o600 });
    this.#wholeHour = hour;
    this.#unprunedBytes += bytes;
  }
}

async function roomAround(directory: string): Promise<DiskRoom> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { free: bavail * bsize, total: blocks * bsize };
}

/** The hour of a moment, as segments are named: whole hours since 1970. */
export function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS);
}
