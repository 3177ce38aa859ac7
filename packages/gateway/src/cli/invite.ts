import { createInvite, listInvites, revokeInvite } from '../operator/invites.ts';
import type { CliCommand } from './command.ts';
import {
  numberInput,
  operatorCommand,
  PAGE_OPTIONS,
  pageInput,
  printNext,
  TENANT_OPTION,
  textInput,
} from './operator-command.ts';
import { timeText } from './text.ts';

/** `steadygate invite …` */
export const INVITE_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'invite create',
    summary: 'Issue an invite: a code to type, and a link',
    operator: createInvite,
    options: {
      role: { kind: 'text', value: 'NAME', help: 'The role it gives, such as admin or viewer', required: true },
      tenant: TENANT_OPTION,
      user: { kind: 'text', value: 'ID', help: 'For this existing user; else each use makes a new one' },
      uses: { kind: 'count', value: 'N', help: 'How often it can be used. Default: as configured (1)' },
      expires: { kind: 'duration', value: 'TIME', help: 'How long it holds, such as 72h. Default: as configured' },
    },
    notes: ['The code and the link are shown once; only their digests are kept.'],
    examples: ['invite create --role viewer', 'invite create --role member --uses 20 --expires 48h --json'],
    input: (args) => ({
      role: args.text('role') ?? '',
      ...textInput(args, { tenant: 'tenant', userId: 'user' }),
      ...numberInput(args, { uses: 'uses', lifeMs: 'expires' }),
    }),
    json: ({ invite, link, expiresAt }) => ({ invite, link, expiresAt }),
    print({ invite, link, expiresAt, id }, { out }) {
      out.line(`Invite  ${out.tone('bold', invite)}`);
      out.line(`Link    ${link}`);
      out.line(`Until   ${timeText(expiresAt)}`);
      out.line(out.tone('dim', `Shown once. To withdraw it: steadygate invite revoke ${id}`));
    },
  }),
  operatorCommand({
    name: 'invite list',
    summary: 'List invites, without their codes',
    operator: listInvites,
    options: { tenant: TENANT_OPTION, ...PAGE_OPTIONS },
    examples: ['invite list'],
    input: pageInput,
    print({ invites, nextCursor }, call) {
      const rows = invites.map(({ id, role, state, usesLeft, usesMax, expiresAt, userId }) => {
        return [id, role, state, `${usesLeft} of ${usesMax}`, timeText(expiresAt), userId ?? '-'];
      });
      call.out.table(
        ['ID', 'ROLE', 'STATE', 'USES LEFT', 'UNTIL', 'FOR USER'],
        rows,
        'No invites. To issue one: steadygate invite create --role viewer',
      );
      printNext(call, nextCursor);
    },
  }),
  operatorCommand({
    name: 'invite revoke',
    summary: 'Withdraw an invite',
    operator: revokeInvite,
    arguments: [{ name: 'ID', help: 'as `invite list` shows it' }],
    options: { tenant: TENANT_OPTION },
    examples: ['invite revoke Zk3vX8Qw1rT9yU2iO4pA5g'],
    input: (args) => ({ id: args.argument('ID'), ...textInput(args, { tenant: 'tenant' }) }),
    print: (_answer, { out }) => out.line('The invite is withdrawn.'),
  }),
];
