import type { PolicyProblem } from '@steadygate/core';

import type { Config } from './schema.ts';

/** Settings that sockets, cookies and keys are made from at the start; each is compared by its text. */
const FIXED: Readonly<Record<string, (config: Config) => string | number | undefined>> = {
  environment: ({ environment }) => environment,
  'listen.host': ({ listen }) => listen.host,
  'listen.port': ({ listen }) => listen.port,
  'listen.control.host': ({ listen }) => listen.control?.host,
  'listen.control.port': ({ listen }) => listen.control?.port,
  'listen.metrics': ({ listen }) => JSON.stringify(listen.metrics),
  tls: ({ tls }) => JSON.stringify(tls),
  store: ({ store }) => JSON.stringify({ ...store, url: store.url?.reveal(), password: store.password?.reveal() }),
  counters: ({ counters }) => JSON.stringify({ ...counters, url: counters.url?.reveal() }),
  'secrets.keyEncryptionKey': ({ secrets }) => secrets.keyEncryptionKey?.reveal(),
};

/**
 * What a reload asks for that only a restart can give.
 *
 * Half of it would come into force: a gate that is bound to a public address would judge by the rules of development, which are
 * for loopback only (T16), and the file would say what is not so.
 */
export function fixedProblems(started: Config, next: Config): readonly PolicyProblem[] {
  const changed = Object.entries(FIXED).filter(([, of]) => of(started) !== of(next));
  return changed.map(([config]) => ({
    config,
    message: 'cannot change while the gate runs',
    hint: 'Restart the gate.',
  }));
}
