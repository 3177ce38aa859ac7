import { demand, probe } from './probe.ts';

/** Would production start with a PostgreSQL in plain text? And what does the server say of the connection that stands? */
export const wk11 = probe('WK11', [], async ({ running }) => {
  const plain = running.refusalsOf('plain-database');
  demand(
    plain.some(({ code }) => code === 'database-without-tls'),
    'Production would start with a PostgreSQL without TLS.',
  );
  const refused = 'Production refuses to start with a PostgreSQL without TLS.';
  const facts = await running.store();
  if (facts.kind === 'sqlite') return `${refused} This gate keeps its state in a file: there is no connection.`;
  const { isSocket, protocol, isVerified } = facts.connection;
  if (isSocket) return `${refused} This gate reaches its own over a socket of the machine.`;
  const { environment } = running.config();
  const isTrial = environment === 'development';
  demand(isTrial || protocol !== undefined, 'The connection to PostgreSQL is not encrypted.');
  demand(isTrial || isVerified, 'The connection to PostgreSQL is encrypted, but the server was not asked who it is.');
  return `${refused} This gate, which runs as ${environment}, reaches its own ${protocol === undefined ? 'without it' : `over ${protocol}`}.`;
});
