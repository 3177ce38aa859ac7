import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError } from '@steadygate/core';
import type { z } from 'zod';
import { type OperatorCommand, runCommand } from './command.ts';
import type { OfflineStore } from './deps.ts';
import { OperatorRefusal } from './refusal.ts';
import { askServer } from './socket-client.ts';
import { socketPath } from './socket-path.ts';

/** A server that starts or stops holds the lock for a moment without listening. */
const WAIT_MS = 100;
const WAITS_MAX = 30;

/** Where commands go. */
export interface OperatorTarget {
  readonly dataDir: string;
  readonly offline: OfflineStore;
}

/**
 * Runs a command in the server of a data directory or, when none runs, on the store itself.
 *
 * @throws OperatorRefusal whatever is refused; `no-server`, `no-data`
 */
export async function callOperator<Input extends z.ZodType, Output extends z.ZodType>(
  target: OperatorTarget,
  command: OperatorCommand<Input, Output>,
  input: z.input<Input>,
): Promise<z.output<Output>> {
  const path = socketPath(target.dataDir);
  for (let waits = 0; ; waits += 1) {
    const asked = await askServer(path, command.name, input);
    if (asked !== 'nobody') return parseAnswer(command, asked.answer);
    if (command.needsServer) throw new OperatorRefusal('no-server', `No server is running on ${target.dataDir}.`);
    const done = await runOffline(target, command, input);
    if (done !== 'in-use') return command.output.parse(done.answer);
    if (waits >= WAITS_MAX)
      throw new OperatorRefusal('no-server', `${target.dataDir} is in use by a process that does not answer.`);
    await sleep(WAIT_MS);
  }
}

function parseAnswer<Output extends z.ZodType>(
  command: { readonly output: Output },
  answer: unknown,
): z.output<Output> {
  const parsed = command.output.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new OperatorRefusal('socket-unusable', 'The running server is of another version: restart it.');
}

async function runOffline<Input extends z.ZodType, Output extends z.ZodType>(
  { dataDir, offline }: OperatorTarget,
  command: OperatorCommand<Input, Output>,
  input: unknown,
): Promise<{ readonly answer: unknown } | 'in-use'> {
  if (!offline.exists(dataDir)) {
    throw new OperatorRefusal(
      'no-data',
      `Nothing is kept in ${dataDir} yet. Start the server once, or name another directory with --data.`,
    );
  }
  const opened = await offline.open(dataDir);
  if (opened === 'in-use') return opened;
  try {
    return { answer: await runCommand(command, opened.deps, input) };
  } catch (cause) {
    if (!(cause instanceof ProblemError)) throw cause;
    throw new OperatorRefusal(cause.code, cause.message, { cause });
  } finally {
    await opened.close();
  }
}
