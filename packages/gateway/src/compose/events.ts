import { join } from 'node:path';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { DecisionFile } from '../decisions/decision-file.ts';
import { eventSink } from '../event-sink.ts';
import type { Logger } from '../log/logger.ts';
import type { Measurements } from '../metrics/measurements.ts';
import { Recording } from '../replay/recording.ts';
import type { Runtime } from '../runtime.ts';
import type { Store } from '../store/store.ts';
import { gateBlocks } from './blocks.ts';
import type { Counters } from './counters.ts';
import { gateKeys } from './keys.ts';

/** Where what happens is written, and how much of it. */
export interface EventOptions {
  readonly dataDir: string;
  readonly logger: Logger;
  /** Of passes without findings, one in this many is kept for `explain`. */
  readonly passesKeptOneIn: number;
}

/** What stands behind whoever hears of decisions. */
export interface EventDeps {
  readonly store: Store;
  readonly config: GatewayConfig;
  readonly runtime: Runtime;
  readonly measurements: Measurements;
  readonly counters: Counters;
}

/** Whoever hears of decisions: metrics, log, decision file, audit, recording, usage of keys, blocks. */
export function eventParts(
  { dataDir, logger, passesKeptOneIn }: EventOptions,
  { store, config, runtime, measurements, counters }: EventDeps,
) {
  const { keepForMs: keepMs, bytesMax } = config.decisions;
  const decisions = new DecisionFile({ directory: join(dataDir, 'decisions'), keepMs, bytesMax });
  const recording = recordingOf(config, dataDir, () => runtime.config.recording.isOn);
  const apiKeys = gateKeys({ store, config: () => runtime.config.keys, logger });
  const sink = eventSink({ logger, file: decisions, denials: store.denials, passesKeptOneIn });
  const blocks = gateBlocks({ store, counters, runtime, logger });
  const events = blocks.noting(apiKeys.counting(measurements.requests.counting(sink)));
  return { decisions, recording, apiKeys, blocks, events };
}

/** Off or on by the configuration of the moment; its caps are those of the start. */
function recordingOf({ recording }: GatewayConfig, dataDir: string, isOn: () => boolean): Recording {
  const { keepForMs: keepMs, bytesMax } = recording;
  return new Recording({ directory: join(dataDir, 'recordings'), keepMs, bytesMax }, isOn);
}
