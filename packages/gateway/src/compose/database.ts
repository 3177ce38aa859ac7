import { readFileSync } from 'node:fs';
import { authority } from '../config/address.ts';
import type { PostgresConfig, StoreConfig } from '../config/gateway-config.ts';
import type { LoadedConfig } from '../config/parse-config.ts';
import { isSocketFolder } from '../config/postgres-url.ts';
import { toGatewayConfig } from '../config/to-gateway-config.ts';
import type { Logger } from '../log/logger.ts';
import type { PostgresSettings } from '../store/postgres-settings.ts';
import { StoreError } from '../store/store-error.ts';
import type { Store, StoreOptions } from '../store/store.ts';

/** What the store is opened with. @throws StoreError when a certificate or key cannot be read */
export function databaseOf(config: StoreConfig, configFile: string): StoreOptions['database'] {
  return config.kind === 'sqlite'
    ? config
    : { ...postgresOf(config), prepareCommand: prepareCommand(config, configFile) };
}

/**
 * Refuses, in production, a role that row-level security does not bind; tells of one that may do more than it needs (SS9).
 *
 * @throws StoreError `refused`
 */
export async function judgeRights(store: Pick<Store, 'facts'>, { loaded, logger }: RightsDeps): Promise<void> {
  const facts = await store.facts();
  if (facts.kind === 'sqlite') return;
  const { role, excess, goesAround } = facts;
  const { environment, store: config } = toGatewayConfig(loaded);
  const help = config.kind === 'postgres' ? `Run: ${prepareCommand(config, loaded.file)}` : '';
  if (goesAround && environment === 'production') {
    const why = `The database role ${role} goes around row-level security (SUPERUSER or BYPASSRLS).`;
    throw new StoreError('refused', `${why} Name a role of the gate's own in store.url. ${help}`);
  }
  if (excess.length > 0) {
    logger.warn(
      { alert: 'database-role', role, may: excess },
      `the database role may do more than the gate needs. ${help}`,
    );
  }
  if (!facts.isDurable)
    logger.warn({ alert: 'database-not-durable' }, 'the database acknowledges what is not on its disk');
}

interface RightsDeps {
  readonly loaded: LoadedConfig;
  readonly logger: Pick<Logger, 'warn'>;
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
