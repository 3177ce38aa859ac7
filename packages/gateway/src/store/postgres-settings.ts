import type { Socket } from 'node:net';

/** How a PostgreSQL is reached. Made from the configuration; files are read already. */
export interface PostgresSettings {
  readonly kind: 'postgres';
  /** A name, an address, or the absolute folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: { reveal(): string } | undefined;
  readonly tls: PostgresTls;
  /** The schema that holds the tables, and nothing else. */
  readonly schema: string;
  /** Connections that read; one more writes, one watches. */
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  readonly idleTransactionTimeoutMs: number;
  /** Makes the sockets of connections. Absent: the client's own. */
  readonly makeSocket?: () => Socket;
  /** What an administrator runs when this role may not change tables; for messages. */
  readonly prepareCommand: string;
}

/** How a connection is protected, in the words of libpq's `sslmode`. Certificates are PEM. */
export interface PostgresTls {
  /** `require` encrypts and does not ask who answers. */
  readonly mode: 'disable' | 'require' | 'verify-ca' | 'verify-full';
  /** Trusted instead of the system's. */
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** How the server is named in messages: never with its password. */
export function serverName({ host, port, database }: Pick<PostgresSettings, 'host' | 'port' | 'database'>): string {
  return host.startsWith('/') ? `${database} at ${host}` : `${database} at ${host}:${port}`;
}
