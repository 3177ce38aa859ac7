import { rotateSecrets } from '../operator/secrets.ts';
import type { Arguments, CliCommand } from './command.ts';
import { operatorCommand } from './operator-command.ts';
import { timeText } from './text.ts';
import { UsageError } from './usage-error.ts';

const PURPOSES = ['access', 'assertion'] as const;

/** `steadygate secrets …` */
export const SECRETS_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'secrets rotate',
    summary: 'Make new signing keys; nobody is signed out',
    operator: rotateSecrets,
    options: { purpose: { kind: 'text', value: 'WHICH', help: 'access or assertion. Default: both' } },
    notes: ['Old keys verify until the last token that they signed has ended; they never sign again.'],
    examples: ['secrets rotate', 'secrets rotate --purpose assertion'],
    input: (args) => ({ ...purposeOf(args) }),
    print({ keys, oldVerifyUntil }, { out }) {
      out.table(
        ['PURPOSE', 'NEW KEY'],
        keys.map(({ purpose, kid }) => [purpose, kid]),
        'No keys.',
      );
      out.line(out.tone('dim', `The old keys verify until ${timeText(oldVerifyUntil)}.`));
    },
  }),
];

function purposeOf(args: Arguments): { purpose?: (typeof PURPOSES)[number] } {
  const named = args.text('purpose');
  if (named === undefined) return {};
  const purpose = PURPOSES.find((known) => known === named);
  if (purpose === undefined) throw new UsageError('--purpose is access or assertion.', 'secrets rotate');
  return { purpose };
}
