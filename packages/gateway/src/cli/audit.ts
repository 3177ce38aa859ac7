import { listAudit } from '../operator/audit.ts';
import type { CliCommand } from './command.ts';
import { operatorCommand, PAGE_OPTIONS, pageInput, printNext, TENANT_OPTION } from './operator-command.ts';
import { timeText } from './text.ts';

/** `steadygate audit …` */
export const AUDIT_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'audit list',
    summary: 'List the audit log, newest first',
    operator: listAudit,
    options: { tenant: TENANT_OPTION, ...PAGE_OPTIONS },
    examples: ['audit list --limit 20', 'audit list --tenant system --json'],
    input: pageInput,
    print({ entries, nextCursor }, call) {
      const rows = entries.map(({ seq, at, action, actor, subject, facts }) => {
        return [String(seq), timeText(at), action, actor, subject, factsText(facts)];
      });
      call.out.table(['NO', 'WHEN', 'WHAT', 'WHO', 'SUBJECT', 'FACTS'], rows, 'No entries.');
      printNext(call, nextCursor);
    },
  }),
];

function factsText(facts: Readonly<Record<string, string | number | boolean | null>>): string {
  const known = Object.entries(facts).filter(([, value]) => value !== null);
  return known.map(([name, value]) => `${name}=${value}`).join(' ');
}
