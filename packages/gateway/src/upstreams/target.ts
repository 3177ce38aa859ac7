import { type EjectionState, type HealthState, NOT_EJECTED, type TargetFacts, UNCHECKED } from '@steadygate/core';
import type { UpstreamClient } from '../proxy/upstream-client.ts';
import type { TargetAddress, UpstreamDeps } from './deps.ts';
import type { CheckResult } from './health-check.ts';

/** Connections to one target at once; streams and sockets hold one each. */
const CONNECTIONS_MAX = 1024;

/** One address of an upstream: its connections, its record, and what runs on it. It outlives reloads that keep it. */
export class Target implements TargetFacts {
  readonly address: TargetAddress;
  weight = 1;
  pass = 0;
  inFlight = 0;
  isUp = true;
  ejectedUntilMs = 0;
  lastCheck: CheckResult | undefined;
  /** Since it was configured. `requests` are attempts, sockets included. */
  readonly counts = { requests: 0, failures: 0, ejections: 0, checks: 0, failedChecks: 0 };
  readonly #createClient: UpstreamDeps['createClient'];
  #ejection = NOT_EJECTED;
  #health = UNCHECKED;
  #client: UpstreamClient | undefined;
  #connectMs: number;
  #onDrained: (() => void) | undefined;

  constructor(address: TargetAddress, createClient: UpstreamDeps['createClient']) {
    this.address = address;
    this.#connectMs = address.connectMs;
    this.#createClient = createClient;
  }

  get ejection(): EjectionState {
    return this.#ejection;
  }

  set ejection(state: EjectionState) {
    this.#ejection = state;
    this.ejectedUntilMs = state.untilMs;
  }

  get health(): HealthState {
    return this.#health;
  }

  set health(state: HealthState) {
    this.#health = state;
    this.isUp = state.isUp;
  }

  /** It has no place in the configuration any more. */
  get isDraining(): boolean {
    return this.#onDrained !== undefined;
  }

  /** Something begins to run on it. Whoever begins also ends, once. */
  begin(): UpstreamClient {
    this.inFlight += 1;
    this.counts.requests += 1;
    this.#client ??= this.#createClient({ ...this.address, connectMs: this.#connectMs }, CONNECTIONS_MAX);
    return this.#client;
  }

  end(): void {
    this.inFlight -= 1;
    if (this.inFlight === 0 && this.#onDrained !== undefined) this.#drained();
  }

  /** It is in force: with this weight, and connections that open within this time. */
  serve(weight: number, connectMs: number): void {
    this.weight = weight;
    this.#onDrained = undefined;
    if (connectMs === this.#connectMs) return;
    this.#connectMs = connectMs;
    this.#close();
  }

  /** Takes its leave: what runs on it ends by itself, then `onDrained` is called. */
  drain(onDrained: () => void): void {
    this.#onDrained = onDrained;
    this.#close();
    if (this.inFlight === 0) this.#drained();
  }

  /** Lets exchanges end, then closes its connections; a request that was on its way here opens new ones. */
  #close(): void {
    void this.#client?.close();
    this.#client = undefined;
  }

  #drained(): void {
    this.#close();
    this.#onDrained?.();
  }
}
