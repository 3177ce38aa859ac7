import type { Gate } from '../compose.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { WeakSetting } from '../config/weak-finding.ts';
import type { Patient } from '../doctor/check.ts';
import type { Generation } from '../proxy/generation.ts';
import type { StoreFacts } from '../store/store-facts.ts';
import type { ProbeClient } from './http-client.ts';
import type { Mirror } from './mirror.ts';

/** What a probe says. `failing` means: the claim is not true, or could not be shown to be. */
export interface ProbeResult {
  readonly state: 'proven' | 'failing';
  /** What was seen, in plain words; no secrets, no personal data. */
  readonly detail: string;
}

/** The code that proves one claim now. */
export interface Probe {
  /** The control's id, such as `SB1`. */
  readonly control: string;
  /** Guards on which the claim rests: one of them in shadow, and the claim is not proven (T23). */
  readonly guards: readonly string[];
  /** Throws only when the probe itself could not finish. */
  run(ctx: ProbeContext): Promise<ProbeResult>;
}

/** The gate that people use, as seen from inside its process. */
export interface RunningGate {
  generation(): Generation;
  config(): GatewayConfig;
  /** Files, variables and configuration around it, as `doctor` sees them. */
  readonly patient: Patient;
  /** What can be seen of where its state is kept, asked anew. */
  store(): Promise<StoreFacts>;
  /** Every weak setting of the configuration in force. */
  findings(): readonly WeakSetting[];
  /** The instances that serve from its store, and how they count. */
  readonly instances: Pick<Gate, 'counters' | 'others'>;
  /** Critical weak settings that would keep a variation of the configuration in force from starting. */
  refusalsOf(variation: ConfigVariation): readonly WeakSetting[];
}

/** A change to the configuration that production must refuse. */
export type ConfigVariation = 'no-key-encryption-key' | 'weak-secret' | 'cors-open' | 'plain-database';

/** Everything a probe works with. */
export interface ProbeContext {
  /** The listener that people use. Probes send it few requests, and never a credential. */
  readonly real: ProbeClient;
  /** The same configuration in front of a sink, with budgets, sessions and owners of its own (T23). */
  readonly mirror: Mirror;
  readonly running: RunningGate;
  /** Asks an upstream directly, around the gate: for SB20 only. */
  readonly around: Around;
  readonly nowMs: () => number;
}

/** The way to an upstream around the gate. */
export interface Around {
  /** The answer's status; `unreachable` when no connection stands. */
  ask(url: string, headers: Readonly<Record<string, string>>): Promise<number | 'unreachable'>;
  /** Whether upstreams answer on addresses of this machine that others can reach; a sentence when they do. */
  exposure(): Promise<string | undefined>;
}

/** Something that contradicts a claim. Its message is shown on the posture page. */
class Disproof extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Disproof';
  }
}

/** Goes on only when `holds`. @throws Disproof with `otherwise` */
export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Disproof(otherwise);
}

/** A probe from a function that returns what it saw, or throws what contradicts the claim. */
export function probe(control: string, guards: readonly string[], see: (ctx: ProbeContext) => Promise<string>): Probe {
  return {
    control,
    guards,
    async run(ctx) {
      try {
        return { state: 'proven', detail: await see(ctx) };
      } catch (cause) {
        if (cause instanceof Disproof) return { state: 'failing', detail: cause.message };
        throw cause;
      }
    },
  };
}
