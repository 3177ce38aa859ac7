import {
  type BlocksPolicy,
  type BucketStore,
  type BurstPolicy,
  credentialBudget,
  type Policy,
  type PolicyProblem,
} from '@steadygate/core';
import type { InviteSettings } from './auth/invite-desk.ts';
import type { SignInSettings } from './auth/sign-in.ts';
import { authority } from './config/address.ts';
import type { GatewayConfig } from './config/gateway-config.ts';
import { controlView } from './config/overrides.ts';
import type { LoadedConfig } from './config/parse-config.ts';
import { type BuiltGeneration, buildGeneration, type GenerationDeps } from './proxy/build-generation.ts';
import type { GateState, Generation } from './proxy/generation.ts';
import type { Upstreams } from './upstreams/upstreams.ts';

/** What is in force now. */
interface InForce {
  readonly loaded: LoadedConfig;
  readonly generation: Generation;
  /** Of the control plane's own listener. */
  readonly control: Generation | undefined;
  readonly config: GatewayConfig;
  readonly policy: Policy;
}

/** Pages of the application and the console must not come to share an origin, nor sessions their audience (T1). */
const CONTROL_IS_FIXED: PolicyProblem = {
  config: 'listen.control',
  message: 'cannot be added or removed while the gate runs',
  hint: 'Restart the gate.',
};

/** Thrown by `current()` and its like before the first configuration was taken: a bug of composition. */
const NOT_YET = 'no configuration is in force yet';

type ListenerDeps = Omit<GenerationDeps, 'previous' | 'upstreams'>;

/** What compiling a configuration for each listener needs. */
export interface ListenersDeps {
  readonly main: ListenerDeps;
  readonly control: ListenerDeps | undefined;
}

/** The configuration in force: swapped as a whole, read afresh at each use (T11). */
export class Runtime implements GateState {
  readonly #buckets: BucketStore;
  readonly #upstreams: Upstreams;
  #inForce: InForce | undefined;

  constructor(buckets: BucketStore, upstreams: Upstreams) {
    this.#buckets = buckets;
    this.#upstreams = upstreams;
  }

  current(): Generation {
    return this.#now().generation;
  }

  /** The state that the control plane's own listener reads. */
  readonly control: GateState = {
    current: () => {
      const { control } = this.#now();
      if (control === undefined) throw new Error('the control plane has no listener of its own');
      return control;
    },
  };

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

  /** Where the console is: on the control plane's own origin if it has one (T1), else beside the application at `url`. */
  consoleUrl(url: string): string {
    const { control } = this.#now().config;
    const origin = control === undefined ? url : (control.origins[0] ?? `http://${authority(control)}`);
    return new URL('/console/', origin).href;
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

  blocks(): BlocksPolicy {
    return this.#now().policy.blocks;
  }

  bursts(): BurstPolicy {
    return this.#now().policy.limits.burst;
  }

  invites(): InviteSettings {
    const { invites, sessions, roles } = this.#now().config;
    return { length: invites.length, sessionLifeMs: sessions.absoluteMs, roles };
  }

  /** Puts a configuration in force, or says everything that keeps it from being; then nothing changes. */
  take(loaded: LoadedConfig, deps: ListenersDeps): readonly PolicyProblem[] {
    const ofControl = controlView(loaded);
    if ((ofControl === undefined) !== (deps.control === undefined)) return [CONTROL_IS_FIXED];
    const built = buildGeneration(loaded, {
      ...deps.main,
      upstreams: this.#upstreams,
      previous: this.#inForce?.generation,
    });
    if (!built.ok) return built.problems;
    const { generation, upstreams, config, policy } = built;
    const control = this.#builtControl(ofControl, deps);
    if (control?.ok === false) return control.problems;
    this.#upstreams.commit(upstreams);
    this.#inForce = { loaded, generation, control: control?.generation, config, policy };
    return [];
  }

  #builtControl(loaded: LoadedConfig | undefined, { control }: ListenersDeps): BuiltGeneration | undefined {
    if (loaded === undefined || control === undefined) return undefined;
    return buildGeneration(loaded, { ...control, upstreams: this.#upstreams, previous: this.#inForce?.control });
  }

  #now(): InForce {
    if (this.#inForce === undefined) throw new Error(NOT_YET);
    return this.#inForce;
  }
}

/** How people reach a gate: its first own origin, else the address it listens on. */
export function publicOriginOf(policy: Pick<Policy, 'origins'>, config: Pick<GatewayConfig, 'listen' | 'tls'>): string {
  const scheme = config.tls?.kind === 'files' ? 'https' : 'http';
  return policy.origins[0] ?? `${scheme}://${authority(config.listen)}`;
}
