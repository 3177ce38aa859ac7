import { type BucketStore, credentialBudget, type Policy, type PolicyProblem } from '@steadygate/core';
import type { InviteSettings } from './auth/invite-desk.ts';
import type { SignInSettings } from './auth/sign-in.ts';
import { authority } from './config/address.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import type { LoadedConfig } from './config/parse-config.ts';
import { buildGeneration, type GenerationDeps } from './proxy/build-generation.ts';
import type { GateState, Generation } from './proxy/generation.ts';

/** What is in force now. */
interface InForce {
  readonly loaded: LoadedConfig;
  readonly generation: Generation;
  readonly config: GatewayConfig;
  readonly policy: Policy;
}

/** Thrown by `current()` and its like before the first configuration was taken: a bug of composition. */
const NOT_YET = 'no configuration is in force yet';

/** The configuration in force: swapped as a whole, read afresh at each use (T11). */
export class Runtime implements GateState {
  readonly #buckets: BucketStore;
  #inForce: InForce | undefined;

  constructor(buckets: BucketStore) {
    this.#buckets = buckets;
  }

  current(): Generation {
    return this.#now().generation;
  }

  get config(): GatewayConfig {
    return this.#now().config;
  }

  get loaded(): LoadedConfig {
    return this.#now().loaded;
  }

  /** How people reach this gate: the first own origin, else the address it listens on. */
  publicOrigin(): string {
    const { policy, config } = this.#now();
    return publicOriginOf(policy, config);
  }

  grantsOf(role: string): readonly string[] | undefined {
    return Object.hasOwn(this.#now().policy.roles, role) ? this.#now().policy.roles[role] : undefined;
  }

  signIn(): SignInSettings {
    const { policy, config } = this.#now();
    const credentials = credentialBudget(policy.limits.credentials, this.#buckets);
    const { idleMs, refreshGraceMs: graceMs } = config.sessions;
    return { credentials, refresh: policy.limits.refresh, idleMs, graceMs };
  }

  invites(): InviteSettings {
    const { invites, sessions, roles } = this.#now().config;
    return { length: invites.length, sessionLifeMs: sessions.absoluteMs, roles };
  }

  /** Puts a configuration in force, or says everything that keeps it from being; then nothing changes. */
  take(loaded: LoadedConfig, deps: Omit<GenerationDeps, 'previous'>): readonly PolicyProblem[] {
    const built = buildGeneration(loaded, { ...deps, previous: this.#inForce?.generation });
    if (!built.ok) return built.problems;
    const { generation, config, policy } = built;
    this.#inForce = { loaded, generation, config, policy };
    return [];
  }

  #now(): InForce {
    if (this.#inForce === undefined) throw new Error(NOT_YET);
    return this.#inForce;
  }
}

/** How people reach a gate: its first own origin, else the address it listens on. */
export function publicOriginOf(policy: Pick<Policy, 'origins'>, config: Pick<GatewayConfig, 'listen'>): string {
  return policy.origins[0] ?? `http://${authority(config.listen)}`;
}
