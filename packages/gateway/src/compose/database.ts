import { readFileSync } from 'node:fs';
import { authority } from '../config/address.ts';
import type { PostgresConfig, StoreConfig } from '../config/gateway-config.ts';
import { isSocketFolder } from '../config/postgres-url.ts';
import type { PostgresSettings } from '../store/postgres-settings.ts';
import { StoreError } from '../store/store-error.ts';
import type { StoreOptions } from '../store/store.ts';

/** What the store is opened with. @throws StoreError when a certificate or key cannot be read */
export function databaseOf(config: StoreConfig, configFile: string): StoreOptions['database'] {
  return config.kind === 'sqlite'
    ? config
    : { ...postgresOf(config), prepareCommand: prepareCommand(config, configFile) };
}

function prepareCommand({ host, port, database }: PostgresConfig, configFile: string): string {
  const place = isSocketFolder(host) ? encodeURIComponent(host) : `${authority({ host, port })}`;
  return `steadygate db prepare --config ${configFile} --owner-url postgres://postgres@${place}/${encodeURIComponent(database)}`;
}

/** The same without the configuration's name. @throws StoreError when a certificate or key cannot be read */
export function postgresOf(config: PostgresConfig): Omit<PostgresSettings, 'prepareCommand'> {
  const { sslMode, caFile, certificateFile, keyFile, ...rest } = config;
  const ca = pem(caFile, 'store.caFile');
  return {
    ...rest,
    tls: {
      // As libpq does: who names certificates wants them looked at.
      mode: sslMode === 'require' && ca !== undefined ? 'verify-ca' : sslMode,
      ca,
      certificate: pem(certificateFile, 'store.certificateFile'),
      key: pem(keyFile, 'store.keyFile'),
    },
  };
}

function pem(file: string | undefined, setting: string): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new StoreError('refused', `The file of ${setting} cannot be read${code}.`, { cause });
  }
}
