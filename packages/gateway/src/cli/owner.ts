import { importOwner, listOrphans, listOwners, transferOwner } from '../operator/owners.ts';
import type { Arguments, CliCommand, OptionSpecs } from './command.ts';
import { operatorCommand, PAGE_OPTIONS, pageInput, printNext, TENANT_OPTION, textInput } from './operator-command.ts';
import { timeText } from './text.ts';

const GRANT_OPTIONS = {
  upstream: { kind: 'text', value: 'NAME', help: 'The upstream that holds the object', required: true },
  resource: { kind: 'text', value: 'NAME', help: 'The kind of object, as the configuration names it', required: true },
  object: { kind: 'text', value: 'ID', help: "The object's id", required: true },
  user: { kind: 'text', value: 'ID', help: 'The owner it gets', required: true },
  reason: { kind: 'text', value: 'TEXT', help: 'For the audit log', required: true },
  tenant: TENANT_OPTION,
} as const satisfies OptionSpecs;

/** `steadygate owner …` */
export const OWNER_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'owner list',
    summary: 'List who owns which object (ids only)',
    operator: listOwners,
    options: {
      tenant: TENANT_OPTION,
      user: { kind: 'text', value: 'ID', help: 'Of this owner only' },
      ...PAGE_OPTIONS,
    },
    examples: ['owner list --user Zk3vX8Qw1rT9yU2iO4pA5g'],
    input: (args) => ({ ...pageInput(args), ...textInput(args, { ownerId: 'user' }) }),
    print({ objects, nextCursor }, call) {
      const rows = objects.map(({ upstream, resource, objectId, ownerId, claimedAt }) => {
        return [upstream, resource, objectId, ownerId, timeText(claimedAt)];
      });
      call.out.table(['UPSTREAM', 'RESOURCE', 'OBJECT', 'OWNER', 'SINCE'], rows, 'No owned objects.');
      printNext(call, nextCursor);
    },
  }),
  operatorCommand({
    name: 'owner orphans',
    summary: 'List objects that exist upstream and that nobody reaches',
    operator: listOrphans,
    options: { tenant: TENANT_OPTION, ...PAGE_OPTIONS },
    examples: ['owner orphans'],
    input: pageInput,
    print({ objects, nextCursor }, call) {
      const rows = objects.map(({ upstream, resource, objectId, orphanedAt, reason }) => {
        return [upstream, resource, objectId, timeText(orphanedAt), reason];
      });
      call.out.table(['UPSTREAM', 'RESOURCE', 'OBJECT', 'SINCE', 'WHY'], rows, 'No orphans.');
      printNext(call, nextCursor);
    },
  }),
  operatorCommand({
    name: 'owner import',
    summary: 'Give an object that has no owner to a user',
    operator: importOwner,
    options: GRANT_OPTIONS,
    examples: [
      'owner import --upstream app --resource chat --object 42 --user Zk3vX8Qw1rT9yU2iO4pA5g --reason "moved from the old system"',
    ],
    input: grantInput,
    print: (_answer, { out }) => out.line('The object has its owner.'),
  }),
  operatorCommand({
    name: 'owner transfer',
    summary: 'Move an object to another owner',
    operator: transferOwner,
    options: GRANT_OPTIONS,
    examples: [
      'owner transfer --upstream app --resource chat --object 42 --user Zk3vX8Qw1rT9yU2iO4pA5g --reason "left the team"',
    ],
    input: grantInput,
    print: (_answer, { out }) => out.line('The object has its new owner.'),
  }),
];

function grantInput(args: Arguments) {
  return {
    upstream: args.text('upstream') ?? '',
    resource: args.text('resource') ?? '',
    objectId: args.text('object') ?? '',
    ownerId: args.text('user') ?? '',
    reason: args.text('reason') ?? '',
    ...textInput(args, { tenant: 'tenant' }),
  };
}
