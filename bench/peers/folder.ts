import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Notes a server, which is then stopped at the end. */
export type Started = <S extends { stop(): Promise<void> }>(server: Promise<S>) => Promise<S>;

/** Runs `use` with a folder of its own and the servers that it starts, and leaves neither behind. */
export async function withServers<Result>(use: (folder: string, started: Started) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'sg-bench-'));
  const running: { stop(): Promise<void> }[] = [];
  try {
    return await use(folder, async (starting) => {
      const server = await starting;
      running.push(server);
      return server;
    });
  } finally {
    await Promise.all(running.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}
