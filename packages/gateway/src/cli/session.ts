import { createSession, listSessions, revokeSessions } from '../operator/sessions.ts';
import { type Arguments, type CliCommand } from './command.ts';
import {
  numberInput,
  operatorCommand,
  PAGE_OPTIONS,
  pageInput,
  printNext,
  TENANT_OPTION,
  textInput,
} from './operator-command.ts';
import { printUnconfirmed } from './ended.ts';
import { timeText } from './text.ts';
import { UsageError } from './usage-error.ts';

/** `steadygate session …` */
export const SESSION_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'session create',
    summary: 'Make a one-time log-in link for an existing user',
    operator: createSession,
    options: {
      user: { kind: 'text', value: 'ID', help: 'as `user list` shows it', required: true },
      tenant: TENANT_OPTION,
      expires: { kind: 'duration', value: 'TIME', help: 'How long the link holds. Default: 1h, at most 24h' },
    },
    notes: ['Whoever opens the link first is that user. It is shown once.'],
    examples: ['session create --user Zk3vX8Qw1rT9yU2iO4pA5g'],
    input: (args) => ({
      userId: args.text('user') ?? '',
      ...textInput(args, { tenant: 'tenant' }),
      ...numberInput(args, { lifeMs: 'expires' }),
    }),
    print({ link, expiresAt }, { out }) {
      out.line(`Link    ${out.tone('bold', link)}`);
      out.line(`Until   ${timeText(expiresAt)}`);
      out.line(out.tone('dim', 'Shown once, and good for one log-in.'));
    },
  }),
  operatorCommand({
    name: 'session list',
    summary: 'List live sessions',
    operator: listSessions,
    options: { tenant: TENANT_OPTION, user: { kind: 'text', value: 'ID', help: 'Of this user only' }, ...PAGE_OPTIONS },
    examples: ['session list', 'session list --user Zk3vX8Qw1rT9yU2iO4pA5g'],
    input: (args) => ({ ...pageInput(args), ...textInput(args, { userId: 'user' }) }),
    print({ sessions, nextCursor }, call) {
      const rows = sessions.map(({ id, userId, role, lastSeenAt, expiresAt }) => {
        return [id, userId, role, timeText(lastSeenAt), timeText(expiresAt)];
      });
      call.out.table(['ID', 'USER', 'ROLE', 'LAST SEEN', 'ENDS AT THE LATEST'], rows, 'No live sessions.');
      printNext(call, nextCursor);
    },
  }),
  operatorCommand({
    name: 'session revoke',
    summary: 'End a session at once, its sockets and streams included',
    operator: revokeSessions,
    arguments: [{ name: 'ID', help: 'this session, as `session list` shows it', isOptional: true }],
    options: {
      user: { kind: 'text', value: 'ID', help: 'All sessions of this user in the tenant' },
      tenant: TENANT_OPTION,
    },
    examples: ['session revoke 4pA5gZk3vX8Qw1rT9yU2iO', 'session revoke --user Zk3vX8Qw1rT9yU2iO4pA5g'],
    input: revokeInput,
    print(answer, call) {
      call.out.line(`${answer.ended} ${answer.ended === 1 ? 'session' : 'sessions'} ended.`);
      printUnconfirmed(call, answer);
    },
  }),
];

function revokeInput(args: Arguments): { id?: string; userId?: string; tenant?: string } {
  const id = args.optionalArgument('ID');
  const which = { ...textInput(args, { userId: 'user', tenant: 'tenant' }), ...(id === undefined ? {} : { id }) };
  if ((id === undefined) === (which.userId === undefined)) {
    throw new UsageError('Name either a session or a user (--user).', 'session revoke');
  }
  return which;
}
