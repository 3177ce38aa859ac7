import type { ListenAddress } from '../config/address.ts';
import type { PostgresUrl } from '../config/postgres-url.ts';
import type { Secret } from '../config/secret.ts';
import type { OpenedStore } from '../operator/deps.ts';
import type { StoreFacts } from '../store/store-facts.ts';
import type { ReplayJudge } from '../replay/replay-judge.ts';

/** Where the configuration comes from. Paths are absolute. */
export type ConfigSource =
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'upstream'; readonly url: string }
  /** Neither was named: the assistant example. */
  | { readonly kind: 'demo' };

/** What `steadygate start` was asked for. */
export interface StartOptions {
  readonly source: ConfigSource;
  /** Absolute. */
  readonly dataDir: string;
  /** Undefined: what the configuration says. */
  readonly listen: ListenAddress | undefined;
  /** One JSON object a line on stdout instead of text for people. */
  readonly isJson: boolean;
}

/** The process around the program. */
export interface CliIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether stdout is a terminal. */
  readonly isTty: boolean;
  nowMs(): number;
}

export interface TextSink {
  write(text: string): unknown;
}

/** What the program needs of the composition. */
export interface CliDeps {
  readonly version: string;
  /** Serves until it is told to stop; resolves with the exit code. Prints by itself. */
  start(options: StartOptions): Promise<0 | 1 | 2>;
  /**
   * Opens the store of a data directory that no server uses; `in-use` when another process is its writer.
   *
   * Never makes a store: callers ask `storeExists` first.
   */
  openOffline(dataDir: string, source: ConfigSource): Promise<OpenedStore | 'in-use'>;
  /** The judge of a configuration for recorded requests. @throws OperatorRefusal `config-invalid` */
  openReplay(source: ConfigSource): ReplayJudge;
  /** Makes the database of a configuration ready, or says how. @throws what `failureText` explains */
  prepareDatabase(source: ConfigSource, options: PrepareOptions): Promise<PreparedDatabase>;
  /** Whether a store was ever made: in a data directory, unless the configuration names a server. */
  storeExists(dataDir: string, source?: ConfigSource): boolean;
  /** Looks whether the store of a data directory is sound, without changing it. @throws what `failureText` explains */
  inspectStore(dataDir: string, source?: ConfigSource): Promise<StoreFacts>;
  /** What an operator may read of a failure of store or keys; undefined for a bug. */
  failureText(cause: unknown): string | undefined;
}

/** How a database is made ready. */
export interface PrepareOptions {
  /** Undefined: nothing is known of the server, and nothing can be run. */
  readonly administrator: DatabaseAdministrator | undefined;
  /** Undefined: called after the application's role. */
  readonly ownerRole: string | undefined;
  readonly readRole: string | undefined;
  /** True: say it only. */
  readonly isPrinted: boolean;
}

/** Who may create roles and schemas. */
export interface DatabaseAdministrator {
  readonly url: Omit<PostgresUrl, 'password'>;
  readonly password: Secret | undefined;
}

/** What was done, or would be. */
export interface PreparedDatabase {
  readonly database: string;
  readonly schema: string;
  readonly roles: { readonly owner: string; readonly application: string; readonly readOnly: string };
  readonly steps: readonly { readonly says: string; readonly statements: readonly string[] }[];
}
