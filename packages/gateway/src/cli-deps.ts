import type { CliDeps, CliIo, ConfigSource } from './cli/deps.ts';
import { failureText, inspectStore, openOffline, storeExists } from './compose/operator.ts';
import { prepare } from './compose/prepare.ts';
import { openReplay } from './compose/replay.ts';
import { loadedConfig, offlineConfig } from './start/offline-config.ts';
import { start } from './start/start.ts';
import { VERSION } from './version.ts';

/** What the commands need, put together for this process. */
export function cliDeps(io: CliIo): CliDeps {
  return {
    version: VERSION,
    start: (options) => start(options, io),
    openOffline: (dataDir: string, source: ConfigSource) => openOffline(dataDir, offlineConfig(source, io.env)),
    openReplay: (source: ConfigSource) => openReplay(offlineConfig(source, io.env)),
    prepareDatabase: (source, options) => prepare(offlineConfig(source, io.env), options),
    storeExists: (dataDir, source) => storeExists(dataDir, loadedConfig(source, io.env)),
    inspectStore: (dataDir, source) => inspectStore(dataDir, loadedConfig(source, io.env)),
    failureText,
  };
}
