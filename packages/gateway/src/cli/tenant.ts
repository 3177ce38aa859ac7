import { createTenant, listTenants } from '../operator/tenants.ts';
import type { CliCommand } from './command.ts';
import { operatorCommand } from './operator-command.ts';
import { timeText } from './text.ts';

/** `steadygate tenant …` */
export const TENANT_COMMANDS: readonly CliCommand[] = [
  operatorCommand({
    name: 'tenant create',
    summary: 'Create a tenant',
    operator: createTenant,
    arguments: [{ name: 'TENANT', help: 'its id: lower-case letters, digits, - and _' }],
    options: {},
    examples: ['tenant create acme'],
    input: (args) => ({ tenant: args.argument('TENANT') }),
    print({ tenant }, { out }) {
      out.line(`Tenant ${tenant} exists now.`);
      out.line(out.tone('dim', `To let somebody in: steadygate invite create --tenant ${tenant} --role admin`));
    },
  }),
  operatorCommand({
    name: 'tenant list',
    summary: 'List the tenants',
    operator: listTenants,
    options: {},
    examples: ['tenant list'],
    input: () => ({}),
    print({ tenants }, { out }) {
      out.table(
        ['TENANT', 'SINCE'],
        tenants.map(({ id, createdAt }) => [id, timeText(createdAt)]),
        'No tenants.',
      );
    },
  }),
];
