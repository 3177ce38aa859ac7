import { schemaTraffic } from '../operator/schema.ts';
import type { CliCommand } from './command.ts';
import { operatorCommand } from './operator-command.ts';
import { timeText } from './text.ts';

/** `steadygate schema …` */
export const SCHEMA_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'schema report',
    summary: 'Count requests that match no operation of their OpenAPI document',
    operator: schemaTraffic,
    options: {},
    notes: ['Of the decisions that are kept: 24 hours. `check` names operations that no route judges.'],
    examples: ['schema report', 'schema report --json'],
    input: () => ({}),
    print({ unmatched }, { out }) {
      const rows = unmatched.map(({ count, method, path, rule, lastAt }) => {
        return [String(count), `${method} ${path}`, rule, timeText(lastAt)];
      });
      out.table(['REQUESTS', 'OPERATION', 'WHY', 'LAST'], rows, 'Every request matched an operation.');
    },
  }),
];
