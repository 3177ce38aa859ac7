import type { LoadedConfig } from '../config/parse-config.ts';
import type { StoreFacts } from '../store/store-facts.ts';

/** What the checks look at. */
export interface Patient {
  /** Absolute. It may not exist yet. */
  readonly dataDir: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: number;
  /** Absolute; undefined when there is none. */
  readonly configFile: string | undefined;
  /** Undefined when there is none, or it does not load. */
  readonly loaded: LoadedConfig | undefined;
  readonly storeExists: () => boolean;
  /** @throws what `failureText` explains */
  readonly inspectStore: () => Promise<StoreFacts>;
  readonly failureText: (cause: unknown) => string | undefined;
}

/** What one check says. */
export interface Finding {
  readonly id: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly message: string;
  /** What would help; empty where nothing is wrong. */
  readonly hint: string;
}

/** One look at one thing around the gate. Changes nothing. */
export interface Check {
  readonly id: string;
  look(patient: Patient): Verdict | Promise<Verdict>;
}

/** What a check says, before its id is added. */
export type Verdict = Omit<Finding, 'id'>;

/** Nothing is wrong. */
export function fine(message: string): Verdict {
  return { state: 'ok', message, hint: '' };
}
