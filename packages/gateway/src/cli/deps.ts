import type { ListenAddress } from '../config/address.ts';
import type { OpenedStore } from '../operator/deps.ts';
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
  /** Whether a store was ever made in a data directory. */
  storeExists(dataDir: string): boolean;
  /** Looks whether the store of a data directory is sound, without changing it. @throws what `failureText` explains */
  inspectStore(dataDir: string): void;
  /** What an operator may read of a failure of store or keys; undefined for a bug. */
  failureText(cause: unknown): string | undefined;
}
