import { resolve } from 'node:path';

import { isLoopbackHost } from './address.ts';
import type { StoreConfig } from './gateway-config.ts';
import { isFault, isSocketFolder, parsePostgresUrl, type SslMode } from './postgres-url.ts';
import type { Config } from './schema.ts';
import { Secret } from './secret.ts';

/** Where state is kept, as the configuration says. Relative files are in `folder`. */
export function toStore({ store, environment }: Config, folder: string): StoreConfig {
  const url = store.url === undefined ? undefined : parsePostgresUrl(store.url.reveal());
  // The schema lets neither a missing nor a malformed address pass.
  if (store.kind === 'sqlite' || url === undefined || isFault(url)) return { kind: 'sqlite' };
  const { host, port, database, user, password } = url;
  const file = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  return {
    kind: 'postgres',
    host,
    port,
    database,
    user,
    password: password === undefined ? store.password : new Secret(password),
    sslMode: url.sslMode ?? usualSslMode(host, environment),
    caFile: file(store.caFile),
    certificateFile: file(store.certificateFile),
    keyFile: file(store.keyFile),
    schema: store.schema,
    connectionsMax: store.connectionsMax,
    connectTimeoutMs: store.connectTimeout,
    statementTimeoutMs: store.statementTimeout,
    idleTransactionTimeoutMs: store.idleTransactionTimeout,
  };
}

/** TLS with a certificate that names the host, unless nothing leaves the machine and nothing is at stake (WK11). */
export function usualSslMode(host: string, environment: Config['environment']): SslMode {
  const isOwn = isSocketFolder(host) || (environment === 'development' && isLoopbackHost(host));
  return isOwn ? 'disable' : 'verify-full';
}
