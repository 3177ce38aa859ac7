import { isLoopbackHost } from './address.ts';
import type { PostgresConfig } from './gateway-config.ts';
import type { LoadedConfig } from './parse-config.ts';
import { isSocketFolder } from './postgres-url.ts';
import { toStore } from './to-store.ts';
import type { WeakSetting } from './weak-finding.ts';
import { secretWeakness } from './weak-secrets.ts';

const URL_PATH = 'store.url';

/** What speaks against the configured PostgreSQL (WK11, SS5, SS10): who reads or answers its connection has every session. */
export function storeFindings({
  config,
  interpolated,
}: Pick<LoadedConfig, 'config' | 'interpolated'>): readonly WeakSetting[] {
  const store = toStore(config, '/');
  if (store.kind === 'sqlite' || isOwnTrial(store, config.environment)) return [];
  const path = config.store.password === undefined ? URL_PATH : 'store.password';
  return [...tlsFindings(store), ...passwordFindings(store, { path, isLiteral: !interpolated.has(path) })];
}

/** Development against a server of this machine: nothing leaves it, and nothing is at stake. */
function isOwnTrial({ host }: PostgresConfig, environment: string): boolean {
  return environment === 'development' && isLoopbackHost(host);
}

function tlsFindings({ host, sslMode, caFile }: PostgresConfig): readonly WeakSetting[] {
  if (isSocketFolder(host) || sslMode === 'verify-full') return [];
  if (sslMode === 'disable') return [WITHOUT_TLS];
  // Any certificate of any public authority would do.
  return caFile === undefined ? [UNVERIFIED] : [];
}

const WITHOUT_TLS: WeakSetting = {
  severity: 'critical',
  code: 'database-without-tls',
  path: URL_PATH,
  message: 'Everything that is kept travels in plain text.',
  hint: 'Write sslmode=verify-full; on this machine, name the folder of the server’s socket as host: %2Frun%2Fpostgresql.',
};

const UNVERIFIED: WeakSetting = {
  severity: 'warning',
  code: 'database-unverified',
  path: URL_PATH,
  message: 'TLS does not ask whether it is the right server that answers.',
  hint: 'Write sslmode=verify-full, and name the authority of its certificate in store.caFile.',
};

function passwordFindings(
  { host, password, certificateFile }: PostgresConfig,
  at: { readonly path: string; readonly isLiteral: boolean },
): readonly WeakSetting[] {
  const { path, isLiteral } = at;
  if (password === undefined) {
    // Over a socket the server knows the system's user; a certificate says who comes.
    if (isSocketFolder(host) || certificateFile !== undefined) return [];
    const message = 'The database is named without a password: whoever reaches it needs none either.';
    const hint = 'Write ${file:path} in store.password, or name a client certificate.';
    return [{ severity: 'critical', code: 'database-without-auth', path, message, hint }];
  }
  const literal = 'A secret stands in the configuration file itself.';
  const weakness = secretWeakness(password.reveal());
  const hint = 'Write ${file:path} or ${VARIABLE} instead.';
  const weak = 'Use a random one of 16 characters or more.';
  return [
    ...(isLiteral ? [{ severity: 'critical', code: 'secret-literal', path, message: literal, hint } as const] : []),
    ...(weakness === undefined
      ? []
      : [
          {
            severity: 'critical',
            code: 'secret-weak',
            path,
            message: `The password of the database ${weakness}.`,
            hint: weak,
          } as const,
        ]),
  ];
}
