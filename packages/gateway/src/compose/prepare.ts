import type { DatabaseAdministrator, PreparedDatabase, PrepareOptions } from '../cli/deps.ts';
import type { PostgresConfig } from '../config/gateway-config.ts';
import type { LoadedConfig } from '../config/parse-config.ts';
import { isSocketFolder } from '../config/postgres-url.ts';
import { toGatewayConfig } from '../config/to-gateway-config.ts';
import { usualSslMode } from '../config/to-store.ts';
import { systemRandom } from '../crypto/random.ts';
import { scramVerifier } from '../crypto/scram-verifier.ts';
import { OperatorRefusal } from '../operator/refusal.ts';
import type { PreparedRoles } from '../store/postgres-plan.ts';
import { prepareDatabase, prepareSteps } from '../store/postgres-prepare.ts';
import type { PostgresSettings } from '../store/postgres-settings.ts';
import { postgresOf } from './database.ts';

/** Makes the configured database ready, or says how. @throws OperatorRefusal, StoreError */
export async function prepare(loaded: LoadedConfig, options: PrepareOptions): Promise<PreparedDatabase> {
  const { store, environment } = toGatewayConfig(loaded);
  if (store.kind === 'sqlite') {
    throw refusal('The configuration keeps its state in the data directory: set store.kind: postgres.');
  }
  const { administrator, isPrinted } = options;
  const { database, schema } = store;
  const roles = rolesOf(store, options);
  const settings = administrator === undefined ? undefined : settingsOf(store, administrator, environment);
  // Printed statements go through files and terminals: the administrator sets the password by other means.
  const password = isPrinted ? undefined : store.password?.reveal();
  const verifier = password === undefined ? undefined : scramVerifier(password, systemRandom);
  const request = { database, schema, roles, verifier };
  const isRun = !isPrinted && settings !== undefined;
  const steps = isRun ? await prepareDatabase(settings, request) : await prepareSteps(settings, request);
  return { database, schema, roles, steps };
}

/** The other two are called after the application's: `acme_app` goes with `acme_owner` and `acme_read`. */
function rolesOf({ user }: PostgresConfig, { administrator, ownerRole, readRole }: PrepareOptions): PreparedRoles {
  const stem = user.replace(/_app$/, '');
  const roles = { owner: ownerRole ?? `${stem}_owner`, application: user, readOnly: readRole ?? `${stem}_read` };
  const others = [roles.owner, roles.readOnly, administrator?.url.user];
  if (others.includes(user)) {
    throw refusal(`store.url names ${user}, which shall be a role of the gate alone: name another user there.`);
  }
  if (roles.owner === roles.readOnly) throw refusal('The owner and who only looks are two roles.');
  return roles;
}

function settingsOf(
  store: PostgresConfig,
  { url, password }: DatabaseAdministrator,
  environment: 'development' | 'production',
): PostgresSettings {
  const { host, port, database, user } = url;
  if (database !== store.database) {
    throw refusal(`--owner-url names the database ${database}, and store.url ${store.database}.`);
  }
  const sslMode = url.sslMode ?? usualSslMode(host, environment);
  if (environment === 'production' && sslMode === 'disable' && !isSocketFolder(host)) {
    throw refusal('--owner-url would send a password in plain text: write sslmode=verify-full, or name a socket.');
  }
  const own = { certificateFile: undefined, keyFile: undefined };
  return { ...postgresOf({ ...store, ...own, host, port, user, password, sslMode }), prepareCommand: '' };
}

function refusal(message: string): OperatorRefusal {
  return new OperatorRefusal('config-invalid', message);
}
