import { readFileSync } from 'node:fs';
import type { PostgresConfig, StoreConfig } from '../config/gateway-config.ts';
import type { PostgresSettings } from '../store/postgres-settings.ts';
import { StoreError } from '../store/store-error.ts';
import type { StoreOptions } from '../store/store.ts';

/** What the store is opened with. @throws StoreError when a certificate or key cannot be read */
export function databaseOf(config: StoreConfig): StoreOptions['database'] {
  return config.kind === 'sqlite' ? config : postgresOf(config);
}

function postgresOf({ sslMode, caFile, certificateFile, keyFile, ...rest }: PostgresConfig): PostgresSettings {
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
