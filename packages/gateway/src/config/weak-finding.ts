/** Something in the configuration, or around it, that weakens what the gate promises. Never holds a secret. */
export interface WeakSetting {
  readonly severity: 'critical' | 'warning';
  readonly code: WeakCode;
  /** Configuration path, or the path of a file; empty for the whole. */
  readonly path: string;
  readonly message: string;
  readonly hint: string;
}

export type WeakCode =
  | 'cors-open'
  | 'key-encryption-key-missing'
  | 'key-encryption-key-inside-data'
  | 'secret-weak'
  | 'secret-literal'
  | 'secret-file-readable'
  | 'control-host-shared'
  | 'control-origin-shared'
  | 'listener-plain-http'
  | 'listener-development-public'
  | 'hosts-open'
  | 'metrics-everyone'
  | 'proxies-everyone'
  | 'proxy-untrusted'
  | 'route-public-all'
  | 'upstream-plain-http'
  | 'database-without-auth'
  | 'database-without-tls'
  | 'database-unverified'
  | 'redis-without-auth'
  | 'redis-without-tls'
  | 'stray-secret-file';

/** Facts about the surroundings, gathered by whoever may look at them. */
export interface SettingFacts {
  /** Absolute; undefined while it is not known. */
  readonly dataDir: string | undefined;
  /** Absolute paths of stray `.env*` files near the configuration. */
  readonly strayFiles: readonly string[];
  /** Files that hold secrets besides those that `${file:…}` named, such as the TLS key. */
  readonly secretFiles: readonly { readonly path: string; readonly mode: number }[];
  /** Variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
