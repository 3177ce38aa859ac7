import type { z } from 'zod';
import { createBlock, liftBlock, listBlocks } from '../operator/blocks.ts';
import type { Arguments, CliCommand } from './command.ts';
import { operatorCommand, PAGE_OPTIONS, numberInput, printNext, TENANT_OPTION, textInput } from './operator-command.ts';
import { timeText } from './text.ts';
import { UsageError } from './usage-error.ts';

/** `steadygate block …` */
export const BLOCK_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'block list',
    summary: 'List blocked keys, users and addresses of all tenants',
    operator: listBlocks,
    options: PAGE_OPTIONS,
    examples: ['block list'],
    input: (args) => ({ ...textInput(args, { cursor: 'cursor' }), ...numberInput(args, { limit: 'limit' }) }),
    print({ blocks, nextCursor }, call) {
      const rows = blocks.map(({ id, kind, subject, tenant, until, level, cause, requestId }) => {
        const where = kind === 'address' ? '-' : tenant;
        return [id, kind, subject, where, timeText(until), String(level), requestId ?? '-', cause];
      });
      const head = ['ID', 'KIND', 'WHO', 'TENANT', 'UNTIL', 'LEVEL', 'REQUEST', 'CAUSE'];
      call.out.table(head, rows, 'Nobody is blocked.');
      printNext(call, nextCursor);
    },
  }),
  operatorCommand({
    name: 'block create',
    summary: 'Block a key or user in its tenant, or an address without good credentials',
    operator: createBlock,
    options: {
      key: { kind: 'text', value: 'ID', help: 'A key, as `key list` shows it' },
      user: { kind: 'text', value: 'ID', help: 'A user, as `user list` shows it' },
      address: { kind: 'text', value: 'ADDRESS', help: 'An address; of IPv6 its /64' },
      for: { kind: 'duration', value: 'TIME', help: 'How long, such as 1h', required: true },
      tenant: TENANT_OPTION,
    },
    examples: ['block create --key 7YkQ2mX9pL4vR1sT8wZa --for 1h', 'block create --address 203.0.113.7 --for 24h'],
    input: orderInput,
    print: ({ id, until }, { out }) => {
      out.line(`Blocked until ${timeText(until)}.`);
      out.line(out.tone('dim', `To lift it: steadygate block lift ${id}`));
    },
  }),
  operatorCommand({
    name: 'block lift',
    summary: 'Lift a block at once, and forgive what led to it',
    operator: liftBlock,
    arguments: [{ name: 'ID', help: 'as `block list` or `explain` shows it' }],
    options: {},
    examples: ['block lift 7YkQ2mX9pL4vR1sT8wZa'],
    input: (args) => ({ id: args.argument('ID') }),
    print: (_answer, { out }) => out.line('The block is lifted.'),
  }),
];

function orderInput(args: Arguments): z.input<typeof createBlock.input> {
  const ms = args.number('for') ?? 0;
  const [keyId, userId, address] = [args.text('key'), args.text('user'), args.text('address')];
  if ([keyId, userId, address].filter((it) => it !== undefined).length !== 1) {
    throw new UsageError('Name one of --key, --user and --address.', 'block create');
  }
  if (address !== undefined) return { address, ms };
  const tenant = textInput(args, { tenant: 'tenant' });
  return keyId === undefined ? { ...tenant, userId: userId ?? '', ms } : { ...tenant, keyId, ms };
}
