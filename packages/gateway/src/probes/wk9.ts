import { demand, probe } from './probe.ts';

/** Would production start from this configuration without its key, or with a secret that everybody knows? */
export const wk9 = probe('WK9', [], async ({ running }) => {
  const withoutKey = running.refusalsOf('no-key-encryption-key');
  demand(
    withoutKey.some(({ code }) => code === 'key-encryption-key-missing'),
    'Production would start without a key-encryption key.',
  );
  const weak = running.refusalsOf('weak-secret');
  demand(
    weak.some(({ code }) => code === 'secret-weak'),
    'Production would start with a default secret.',
  );
  const { environment } = running.config();
  const critical = running.findings().filter(({ severity }) => severity === 'critical');
  const [first] = critical;
  demand(environment === 'development' || first === undefined, `${first?.path ?? ''}: ${first?.message ?? ''}`);
  return `Production refuses to start without a key-encryption key and with default secrets. This gate runs as ${environment}.`;
});
