import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own with little room. */
export interface TinyDisk {
  readonly folder: string;
  unmount(): void;
}

/** Mounts one; undefined where this user may not, which the caller's test then says by being skipped. */
export function tinyDisk(kibibytes: number): TinyDisk | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'sg-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k,mode=700`, 'tmpfs', folder]);
  if (mounted.status !== 0) {
    rmdirSync(folder);
    return undefined;
  }
  return {
    folder,
    unmount: () => {
      spawnSync('umount', [folder]);
      rmdirSync(folder);
    },
  };
}

/** Whether this user may mount a file system. */
export function canMount(): boolean {
  const disk = tinyDisk(64);
  disk?.unmount();
  return disk !== undefined;
}
