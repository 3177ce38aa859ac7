import { Client, escapeIdentifier } from 'pg';
import { clientConfig, sessionStatements } from './postgres-client.ts';
import { storeFailure, survives } from './postgres-failure.ts';
import { reachStatement } from './postgres-reach.ts';
import { type PostgresSettings, serverName } from './postgres-settings.ts';
import { EVERY_TENANT } from './reach.ts';
import { StoreError } from './store-error.ts';

const VERSION_MIN = 140_000;
const LOOK = `SELECT pg_is_in_recovery() AS "isStandby", current_setting('server_version_num')::int AS version`;

/** T11: at most 500 ms between two looks. */
const BEAT_MS = 500;
/** Pauses between two attempts to connect: 50 ms at first, doubled each time. */
const PAUSE_MS_MIN = 50;
const PAUSE_MS_MAX = 2_000;

/**
 * Looks after the server through a connection of its own, so that a lost one is known though nobody asks anything.
 *
 * A server that comes back is used again without a restart.
 */
export class PostgresWatch {
  readonly #settings: PostgresSettings;
  readonly #channel: string;
  readonly #listeners: (() => void)[] = [];
  #client: Client | undefined;
  #failure: StoreError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempts = 0;
  #isStopped = false;

  constructor(settings: PostgresSettings, channel: string) {
    this.#settings = settings;
    this.#channel = channel;
  }

  /**
   * Connects; a server that is away is awaited for as long as one connection may take.
   *
   * @throws StoreError `unreachable`, `refused`
   */
  async start(): Promise<void> {
    const until = performance.now() + this.#settings.connectTimeoutMs;
    while (!(await this.#connect())) {
      const failure = this.#failure;
      const isHopeless = failure?.code === 'refused' || performance.now() > until;
      if (failure !== undefined && isHopeless) throw failure;
      await new Promise((resolve) => void setTimeout(resolve, this.#pauseMs()));
    }
    this.#schedule();
  }

  /** Why the server cannot serve now; undefined while it can. */
  failure(): StoreError | undefined {
    return this.#failure;
  }

  /** Runs a statement that is answered soon, or the server counts as lost. @throws StoreError */
  query = async (text: string, values: readonly unknown[]) => {
    const client = this.#client;
    if (this.#failure !== undefined || client === undefined) throw this.#failure ?? this.#lost(undefined);
    try {
      return await client.query(text, [...values]);
    } catch (cause) {
      if (!survives(cause)) this.#lose(client, cause);
      throw storeFailure(cause, this.#settings);
    }
  };

  /** Calls `listener` with each notification, and after each connect: one may have been missed before. */
  onNotified(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#client?.end();
  }

  async #connect(): Promise<boolean> {
    const client = new Client(clientConfig(this.#settings, 'watch'));
    client.on('error', (cause) => this.#lose(client, cause));
    client.on('notification', this.#notified);
    this.#client = client;
    try {
      await client.connect();
      await client.query(sessionStatements(this.#settings, 'watch'));
      await client.query(reachStatement(EVERY_TENANT, 'connection'));
      await client.query(`LISTEN ${escapeIdentifier(this.#channel)}`);
      await this.#look(client);
      this.#attempts = 0;
      this.#notified();
      return true;
    } catch (cause) {
      this.#lose(client, cause);
      return false;
    }
  }

  /** @throws when the server does not answer, or cannot take changes */
  async #look(client: Client): Promise<void> {
    const { rows } = await client.query<{ isStandby: boolean; version: number }>(LOOK);
    const { isStandby = true, version = 0 } = rows[0] ?? {};
    const server = `The database ${serverName(this.#settings)}`;
    if (isStandby) throw new StoreError('unreachable', `${server} is a standby, which cannot take changes.`);
    if (version < VERSION_MIN) throw new StoreError('refused', `${server} is older than PostgreSQL 14.`);
    this.#failure = undefined;
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#beat(), this.#client === undefined ? this.#pauseMs() : BEAT_MS).unref();
  }

  async #beat(): Promise<void> {
    const client = this.#client;
    if (client === undefined) await this.#connect();
    else await this.#look(client).catch((cause: unknown) => this.#lose(client, cause));
    this.#schedule();
  }

  #lose(client: Client, cause: unknown): void {
    if (this.#client !== client || this.#isStopped) return;
    this.#client = undefined;
    this.#failure = this.#lost(cause);
    // Its socket may be dead: nobody waits for a farewell.
    client.end(() => undefined);
  }

  #lost(cause: unknown): StoreError {
    const failure = storeFailure(cause, this.#settings);
    if (failure instanceof StoreError) return failure;
    return new StoreError('unreachable', `The database ${serverName(this.#settings)} cannot serve.`, { cause });
  }

  #notified = (): void => {
    for (const listener of this.#listeners) listener();
  };

  #pauseMs(): number {
    this.#attempts += 1;
    return Math.min(PAUSE_MS_MIN * 2 ** this.#attempts, PAUSE_MS_MAX);
  }
}
