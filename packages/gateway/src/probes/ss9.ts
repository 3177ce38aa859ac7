import { demand, probe } from './probe.ts';

/** Asks the database what the gate's role may do there, and looks at the log without naming a tenant. */
export const ss9 = probe('SS9', [], async ({ running }) => {
  const facts = await running.store();
  if (facts.kind === 'sqlite') return 'State is kept in a file of the gate’s own: there is no role to log in as.';
  const { role, goesAround, excess, unprotected, seenWithoutTenant } = facts;
  demand(!goesAround, `The role ${role} goes around row-level security.`);
  demand(excess.length === 0, `The role ${role} may ${excess.join(', ')}.`);
  const [open] = unprotected;
  demand(open === undefined, `Row-level security does not protect ${open ?? ''}.`);
  demand(seenWithoutTenant === 0, 'Log entries are seen without naming a tenant.');
  return `The role ${role} can change neither tables nor log entries, and sees no rows without naming a tenant.`;
});
