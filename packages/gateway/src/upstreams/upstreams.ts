import { CLOSED, NOT_EJECTED, UNCHECKED, type UpstreamPolicy } from '@steadygate/core';
import type { UpstreamDeps } from './deps.ts';
import { HealthCheck } from './health-check.ts';
import { judgeCheck } from './judge-target.ts';
import { UpstreamPool } from './pool.ts';
import { Target } from './target.ts';
import { UpstreamState } from './upstream-state.ts';
import { type UpstreamView, viewOf } from './view.ts';

/** One upstream, as the configuration has it. */
export interface UpstreamSettings {
  readonly name: string;
  readonly targets: readonly { readonly url: string; readonly weight: number }[];
  readonly host: string | undefined;
  readonly policy: UpstreamPolicy;
}

/** What a configuration makes of the upstreams. Nothing changes before it is put in force. */
export interface PreparedUpstreams {
  readonly pools: ReadonlyMap<string, UpstreamPool>;
  readonly settings: readonly UpstreamSettings[];
  readonly connectMs: number;
}

interface Known {
  readonly state: UpstreamState;
  /** Those in force, and those that drain, by where they lead. */
  readonly targets: Map<string, Target>;
  readonly checks: Map<Target, HealthCheck>;
  checked: UpstreamPolicy['health'];
}

/** All upstreams of the process. `views()` is what metrics and the command line read. */
export class Upstreams {
  readonly #deps: UpstreamDeps;
  readonly #known = new Map<string, Known>();

  constructor(deps: UpstreamDeps) {
    this.#deps = deps;
  }

  /** Pools for a configuration, of targets that exist already where their address did not change. */
  prepare(settings: readonly UpstreamSettings[], connectMs: number): PreparedUpstreams {
    const pools = new Map(settings.map((one) => [one.name, this.#prepared(one, connectMs)] as const));
    return { pools, settings, connectMs };
  }

  /** Puts a configuration in force: new targets are checked, those without a place in it drain. */
  commit({ pools, settings, connectMs }: PreparedUpstreams): void {
    for (const { name, targets, policy } of settings) {
      const pool = pools.get(name);
      if (pool === undefined) continue;
      const known = this.#known.get(name) ?? emptyOf(pool.state);
      this.#known.set(name, known);
      for (const [at, target] of pool.targets.entries()) {
        known.targets.set(keyOf(target.address), target);
        target.serve(targets[at]?.weight ?? 1, connectMs);
      }
      this.#retire(known, pool.targets);
      this.#apply(known, policy, pool.targets);
    }
    for (const [name, known] of this.#known) if (!pools.has(name)) this.#forget(name, known);
  }

  /** Every upstream of now. Targets stand in the order of the configuration, those that drain after them. */
  views(): readonly UpstreamView[] {
    return [...this.#known.values()].map(({ state, targets }) => {
      const draining = [...targets.values()].filter((target) => !state.targets.includes(target));
      return viewOf(state, [...state.targets, ...draining]);
    });
  }

  /** Stops checks, lets exchanges end, closes connections. */
  close(): void {
    for (const [name, known] of this.#known) this.#forget(name, known);
  }

  #prepared({ name, targets, host, policy }: UpstreamSettings, connectMs: number): UpstreamPool {
    const known = this.#known.get(name);
    const state = known?.state ?? new UpstreamState(name, policy, this.#deps);
    const members = targets.map(({ url: text }) => {
      const url = new URL(text);
      const address = { url, host: host ?? url.host, connectMs };
      return known?.targets.get(keyOf(address)) ?? new Target(address, this.#deps.createClient);
    });
    return new UpstreamPool(state, members);
  }

  #apply(known: Known, policy: UpstreamPolicy, targets: readonly Target[]): void {
    const { state } = known;
    state.policy = policy;
    state.targets = targets;
    for (const target of targets) {
      if (policy.ejection === undefined) target.ejection = NOT_EJECTED;
      if (policy.health === undefined) target.health = UNCHECKED;
    }
    if (policy.breaker === undefined) state.breaker = { ...CLOSED, round: state.breaker.round + 1 };
    this.#check(known, targets);
    state.serve();
  }

  #check(known: Known, targets: readonly Target[]): void {
    const { health } = known.state.policy;
    if (JSON.stringify(health) !== JSON.stringify(known.checked)) this.#stopChecks(known, () => true);
    known.checked = health;
    if (health === undefined) return;
    for (const target of targets) {
      if (known.checks.has(target)) continue;
      const onResult = (result: Target['lastCheck'] & object): void => judgeCheck(known.state, target, result);
      known.checks.set(
        target,
        new HealthCheck({ address: target.address, policy: health, deps: this.#deps, onResult }),
      );
    }
  }

  #stopChecks({ checks }: Known, isMeant: (target: Target) => boolean): void {
    for (const [target, check] of checks) {
      if (!isMeant(target)) continue;
      check.stop();
      checks.delete(target);
    }
  }

  /** Targets that are not among `kept` drain. */
  #retire(known: Known, kept: readonly Target[]): void {
    this.#stopChecks(known, (target) => !kept.includes(target));
    for (const [key, target] of known.targets) {
      if (kept.includes(target) || target.isDraining) continue;
      target.drain(() => {
        if (known.targets.get(key) === target) known.targets.delete(key);
        if (known.targets.size === 0 && this.#known.get(known.state.name) === known) {
          this.#known.delete(known.state.name);
        }
      });
    }
  }

  #forget(name: string, known: Known): void {
    this.#retire(known, []);
    known.state.targets = [];
    if (known.targets.size === 0) this.#known.delete(name);
  }
}

function emptyOf(state: UpstreamState): Known {
  return { state, targets: new Map(), checks: new Map(), checked: undefined };
}

function keyOf({ url, host }: { readonly url: URL; readonly host: string }): string {
  return `${url.origin} ${host}`;
}
