import type { Call } from './command.ts';
import { timeText } from './text.ts';

interface Ended {
  readonly unconfirmed: readonly { readonly id: string; readonly name: string; readonly seenAt: number }[] | null;
}

/** Says which instances may not know yet of what just ended; nothing where all do (T11). */
export function printUnconfirmed({ out }: Call, { unconfirmed }: Ended): void {
  if (unconfirmed === null)
    out.line('Whether other instances know of it could not be asked: the store was lost since.');
  if (unconfirmed === null || unconfirmed.length === 0) return;
  out.line('Not confirmed by:');
  for (const { id, name, seenAt } of unconfirmed) out.line(`  ${name} (${id}), last heard of ${timeText(seenAt)}`);
  out.line('Each may go by what it knew for up to a minute. If it is cut off, stop it.');
}
