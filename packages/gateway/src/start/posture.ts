import type { Posture } from '@steadygate/contract';
import type { z } from 'zod';
import { actIn, composeGate, type Gate } from '../compose.ts';
import { failureText } from '../compose/operator.ts';
import type { Patient } from '../doctor/check.ts';
import { VERSION } from '../version.ts';

/** Where a gate was started. */
export interface PostureSurroundings {
  /** Called when somebody asks: the gate itself wants to be able to. */
  readonly gate: () => Gate;
  readonly dataDir: string;
  readonly env: Patient['env'];
  /** Undefined when there is none. */
  readonly configFile: string | undefined;
}

/** Proves every claim when it is called; whoever calls while one run goes on gets its answer. */
export function posture(surroundings: PostureSurroundings): () => Promise<z.infer<typeof Posture>> {
  let running: Promise<z.infer<typeof Posture>> | undefined;
  return () => {
    running ??= prove(surroundings).finally(() => {
      running = undefined;
    });
    return running;
  };
}

/** Probes are loaded when they are asked for: a gate that nobody examines does not carry them. */
async function prove(surroundings: PostureSurroundings): Promise<z.infer<typeof Posture>> {
  const { dataDir, env, configFile } = surroundings;
  const gate = surroundings.gate();
  const { runPosture } = await import('../probes/run-posture.ts');
  const patient = (): Patient => ({
    dataDir,
    cwd: process.cwd(),
    env,
    nowMs: gate.clock.nowMs(),
    configFile,
    loaded: gate.runtime.loaded,
    storeExists: () => true,
    inspectStore: () => Promise.resolve({ kind: 'sqlite' }),
    failureText,
  });
  return runPosture({ gate, compose: composeGate, actIn, patient, version: VERSION });
}
