import {
  type Alert,
  BurstMeter,
  type DecisionRecord,
  dayOf,
  ErrorMeter,
  networkOf,
  type Principal,
} from '@steadygate/core';
import { BoundedMap } from './bounded-map.ts';

/** Pairs of keys and networks that are known to be known. */
const KNOWN_MAX = 100_000;
const TOLD_MAX = 50_000;
/** Questions to the store at once; what comes beyond is asked at the key's next request. */
const ASKING_MAX = 64;
/** Three hours with requests, in windows of a quarter. */
const WARM_UP = 12;
/** Not failures of the caller's making, or told otherwise. */
const NO_FAILURES: readonly number[] = [429, 499];

/** When a key's use is unusual. */
export interface KeyWatchSettings {
  readonly mode: 'alert' | 'off';
  readonly windowMs: number;
  /** How many times the requests of a usual window. */
  readonly factor: number;
  readonly atLeast: number;
  readonly errorsAtLeast: number;
}

/** A key, and the account whose habits count: a rotation begins none anew. */
interface Used {
  readonly keyId: string;
  readonly tenantId: string;
  readonly userId: string;
}

/** Something about a key's use that was not so before. */
export interface Unusual extends Used {
  readonly kind: 'volume' | 'errors' | 'network';
  readonly requestId: string;
  readonly atMs: number;
  /** Plain words; no address. */
  readonly what: string;
}

export interface KeyWatchDeps {
  /** Read at each use: a reload may change it. */
  readonly settings: () => KeyWatchSettings;
  /** Remembers where an account was used from. `new`: never before from there, though from elsewhere. */
  readonly seen: (from: Omit<Used, 'keyId'> & { network: string }, nowMs: number) => Promise<'known' | 'first' | 'new'>;
  /** Writes an entry of the audit log. */
  readonly record: (unusual: Unusual) => Promise<void>;
  readonly alert: (alert: Alert) => void;
  readonly onError: (cause: unknown) => void;
}

/** Hears what keys do, beside requests and never before them, and tells what is unusual: once a day for each account and kind (SS6). */
export class KeyWatch {
  readonly #deps: KeyWatchDeps;
  readonly #volume = new BurstMeter();
  readonly #errors = new ErrorMeter();
  /** The day on which a pair was last written down. */
  readonly #known = new BoundedMap<string, number>(KNOWN_MAX);
  readonly #told = new BoundedMap<string, number>(TOLD_MAX);
  #asking = 0;

  constructor(deps: KeyWatchDeps) {
    this.#deps = deps;
  }

  /** Takes one decision. */
  note(record: DecisionRecord): void {
    const { principal } = record.decision;
    if (principal?.credential.kind !== 'key') return;
    const settings = this.#deps.settings();
    if (settings.mode === 'off') return;
    const used = usedBy(principal);
    this.#noteVolume(used, record, settings);
    this.#noteErrors(used, record, settings);
    this.#noteNetwork(used, record);
  }

  #noteVolume(used: Used, record: DecisionRecord, { windowMs, factor, atLeast }: KeyWatchSettings): void {
    const settings = { windowMs, factor, atLeast, max: undefined, warmUp: WARM_UP };
    const burst = this.#volume.note(used.userId, record.atMs, settings);
    if (burst?.isFirst !== true) return;
    const what = `more than ${burst.limit} requests in ${minutes(windowMs)}, usually ${burst.usual}`;
    this.#tell({ ...used, ...ofRequest(record), kind: 'volume', what });
  }

  #noteErrors(used: Used, record: DecisionRecord, { windowMs, errorsAtLeast: atLeast }: KeyWatchSettings): void {
    const isError = record.status >= 400 && !NO_FAILURES.includes(record.status);
    const surge = this.#errors.note(used.userId, { isError, nowMs: record.atMs }, { windowMs, atLeast });
    if (surge === undefined) return;
    const { errors, requests, usual } = surge;
    const what = `${errors} of ${requests} requests failed within ${minutes(windowMs)}, usually ${Math.round(usual * 100)} %`;
    this.#tell({ ...used, ...ofRequest(record), kind: 'errors', what });
  }

  #noteNetwork(used: Used, record: DecisionRecord): void {
    const network = networkOf(record.clientAddress);
    if (network === undefined) return;
    const pair = `${used.userId}|${network}`;
    const today = dayOf(record.atMs);
    if (this.#known.get(pair) === today || this.#asking >= ASKING_MAX) return;
    this.#known.set(pair, today);
    this.#asking += 1;
    void this.#ask({ used, network, pair }, record).finally(() => {
      this.#asking -= 1;
    });
  }

  async #ask(
    { used, network, pair }: { used: Used; network: string; pair: string },
    record: DecisionRecord,
  ): Promise<void> {
    const { seen, onError } = this.#deps;
    try {
      const { tenantId, userId } = used;
      const found = await seen({ tenantId, userId, network }, record.atMs);
      const what = 'its first request from another network';
      if (found === 'new') this.#tell({ ...used, ...ofRequest(record), kind: 'network', what });
    } catch (cause) {
      this.#known.delete(pair);
      onError(cause);
    }
  }

  #tell(unusual: Unusual): void {
    const { kind, keyId, tenantId, userId, requestId, what, atMs } = unusual;
    const today = dayOf(atMs);
    const name = `${kind}|${userId}`;
    if (this.#told.get(name) === today) return;
    this.#told.set(name, today);
    this.#deps.alert({ kind: 'key-unusual', requestId, message: `Key ${keyId} of tenant ${tenantId}: ${what}.` });
    this.#deps.record(unusual).catch(this.#deps.onError);
  }
}

function usedBy({ tenantId, userId, credential }: Principal): Used {
  return { keyId: credential.id, tenantId, userId };
}

function ofRequest({ requestId, atMs }: DecisionRecord): Pick<Unusual, 'requestId' | 'atMs'> {
  return { requestId, atMs };
}

function minutes(ms: number): string {
  return `${Math.round(ms / 60_000)} minutes`;
}
