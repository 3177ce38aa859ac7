import { createUser, disableUser, listUsers } from '../operator/users.ts';
import type { CliCommand } from './command.ts';
import { printUnconfirmed } from './ended.ts';
import { operatorCommand, PAGE_OPTIONS, pageInput, printNext, TENANT_OPTION, textInput } from './operator-command.ts';
import { timeText } from './text.ts';

/** `steadygate user …` */
export const USER_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'user create',
    summary: 'Create a user, who may then be given a log-in link',
    operator: createUser,
    options: {
      role: { kind: 'text', value: 'NAME', help: 'Their role in the tenant', required: true },
      name: { kind: 'text', value: 'TEXT', help: 'How they are called' },
      tenant: TENANT_OPTION,
    },
    examples: ['user create --role viewer --name "Ada L."'],
    input: (args) => ({ role: args.text('role') ?? '', ...textInput(args, { tenant: 'tenant', name: 'name' }) }),
    print({ id }, { out }) {
      out.line(`User    ${out.tone('bold', id)}`);
      out.line(out.tone('dim', `To let them in: steadygate session create --user ${id}`));
    },
  }),
  operatorCommand({
    name: 'user list',
    summary: 'List users',
    operator: listUsers,
    options: { tenant: TENANT_OPTION, ...PAGE_OPTIONS },
    examples: ['user list --tenant default'],
    input: pageInput,
    print({ users, nextCursor }, call) {
      const rows = users.map(({ id, name, role, createdAt, disabledAt }) => {
        return [
          id,
          name ?? '-',
          role,
          timeText(createdAt),
          disabledAt === null ? 'active' : `disabled ${timeText(disabledAt)}`,
        ];
      });
      call.out.table(
        ['ID', 'NAME', 'ROLE', 'SINCE', 'STATE'],
        rows,
        'No users yet. To let somebody in: steadygate invite create --role viewer',
      );
      printNext(call, nextCursor);
    },
  }),
  operatorCommand({
    name: 'user disable',
    summary: 'Disable a user everywhere: sessions end at once',
    operator: disableUser,
    arguments: [{ name: 'ID', help: 'as `user list` shows it' }],
    options: { tenant: TENANT_OPTION },
    examples: ['user disable Zk3vX8Qw1rT9yU2iO4pA5g'],
    input: (args) => ({ id: args.argument('ID'), ...textInput(args, { tenant: 'tenant' }) }),
    print(answer, call) {
      call.out.line('The user is disabled; their sessions have ended.');
      printUnconfirmed(call, answer);
    },
  }),
];
