import { createKey, importKey, listKeys, revokeKey, rotateKey } from '../operator/keys.ts';
import type { Arguments, CliCommand, OptionSpecs } from './command.ts';
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

const ORDER_OPTIONS = {
  name: { kind: 'text', value: 'NAME', help: 'What the key is for', required: true },
  permissions: {
    kind: 'text',
    value: 'LIST',
    help: 'What it may do, such as orders:read,orders:create',
    required: true,
  },
  tenant: TENANT_OPTION,
  env: { kind: 'text', value: 'ENV', help: 'live or test. Default: live' },
  expires: { kind: 'duration', value: 'TIME', help: 'How long it holds, such as 90d. Default: as configured' },
  addresses: { kind: 'text', value: 'LIST', help: 'Where it may be used from, such as 10.0.0.0/8. Default: anywhere' },
  limit: { kind: 'text', value: 'RATE', help: "How often it may call, such as 20/s. Default: its tenant's limit" },
} as const satisfies OptionSpecs;

/** `steadygate key …` */
export const KEY_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'key create',
    summary: 'Issue an API key for a service',
    operator: createKey,
    options: ORDER_OPTIONS,
    notes: ['The key is shown once; only its digest is kept. Send it as X-API-Key, or as a bearer token.'],
    examples: ['key create --tenant acme --name billing --permissions orders:read,orders:create --expires 90d'],
    input: orderInput,
    print({ key, id, expiresAt }, { out }) {
      out.line(`Key     ${out.tone('bold', key)}`);
      out.line(`Until   ${expiresAt === null ? 'no end' : timeText(expiresAt)}`);
      out.line(out.tone('dim', `Shown once. To end it: steadygate key revoke ${id}`));
    },
  }),
  operatorCommand({
    name: 'key list',
    summary: 'List API keys, without their secrets',
    operator: listKeys,
    options: { tenant: TENANT_OPTION, ...PAGE_OPTIONS },
    examples: ['key list --tenant acme'],
    input: pageInput,
    print({ keys, nextCursor }, call) {
      const rows = keys.map(({ id, name, environment, state, permissions, lastUsedAt, expiresAt }) => {
        const used = lastUsedAt === null ? 'never' : timeText(lastUsedAt);
        const until = expiresAt === null ? 'no end' : timeText(expiresAt);
        return [id, name ?? '-', environment, state, permissions.join(','), used, until];
      });
      const head = ['ID', 'NAME', 'ENV', 'STATE', 'PERMISSIONS', 'LAST USED', 'UNTIL'];
      call.out.table(head, rows, 'No keys. To issue one: steadygate key create --name NAME --permissions LIST');
      printNext(call, nextCursor);
    },
  }),
  operatorCommand({
    name: 'key rotate',
    summary: 'Give an API key a successor',
    operator: rotateKey,
    arguments: [{ name: 'ID', help: 'as `key list` shows it' }],
    options: {
      tenant: TENANT_OPTION,
      overlap: {
        kind: 'duration',
        value: 'TIME',
        help: 'How long the old key still works; 0s ends it at once. Default: as configured (24h)',
      },
    },
    notes: ['The new key is shown once. The old one never outlives its own end.'],
    examples: ['key rotate 7YkQ2mX9pL4vR1sT8wZa', 'key rotate 7YkQ2mX9pL4vR1sT8wZa --overlap 0s'],
    input: (args) => ({
      id: args.argument('ID'),
      ...textInput(args, { tenant: 'tenant' }),
      ...numberInput(args, { overlapMs: 'overlap' }),
    }),
    print({ key, id }, { out }) {
      out.line(`Key     ${out.tone('bold', key)}`);
      out.line(out.tone('dim', `Shown once. Its id is ${id}.`));
    },
  }),
  operatorCommand({
    name: 'key revoke',
    summary: 'End an API key at once, its open streams included',
    operator: revokeKey,
    arguments: [{ name: 'ID', help: 'as `key list` shows it' }],
    options: { tenant: TENANT_OPTION },
    examples: ['key revoke 7YkQ2mX9pL4vR1sT8wZa'],
    input: (args) => ({ id: args.argument('ID'), ...textInput(args, { tenant: 'tenant' }) }),
    print(answer, call) {
      call.out.line('The key is over.');
      printUnconfirmed(call, answer);
    },
  }),
  operatorCommand({
    name: 'key import',
    summary: 'Take over a key that another system issued, by its SHA-256',
    operator: importKey,
    options: {
      ...ORDER_OPTIONS,
      sha256: { kind: 'text', value: 'HEX', help: 'SHA-256 of the whole key: 64 hexadecimal digits', required: true },
    },
    notes: ['Only for keys with at least 128 random bits. They are sent as X-API-Key.'],
    examples: ['key import --name crawler --permissions pages:read --sha256 9f86d081884c7d65…'],
    input: (args) => ({ ...orderInput(args), sha256: args.text('sha256') ?? '' }),
    print: ({ id }, { out }) => out.line(`The key is known now; its id is ${id}.`),
  }),
];

function orderInput(args: Arguments) {
  return {
    name: args.text('name') ?? '',
    permissions: listOf(args.text('permissions')),
    addresses: listOf(args.text('addresses')),
    ...environmentInput(args),
    ...textInput(args, { tenant: 'tenant', rate: 'limit' }),
    ...numberInput(args, { lifeMs: 'expires' }),
  };
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function environmentInput(args: Arguments): { environment?: 'live' | 'test' } {
  const environment = args.text('env');
  if (environment === undefined) return {};
  if (environment === 'live' || environment === 'test') return { environment };
  throw new UsageError('--env is live or test.', 'key create');
}
