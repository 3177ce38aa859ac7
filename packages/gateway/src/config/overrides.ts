import type { ListenAddress } from './address.ts';
import type { LoadedConfig } from './parse-config.ts';

/** The same configuration on another address: `--listen`, or the port that the system chose. */
export function withListen(loaded: LoadedConfig, address: ListenAddress): LoadedConfig {
  const { config } = loaded;
  return { ...loaded, config: { ...config, listen: { ...config.listen, ...address } } };
}
