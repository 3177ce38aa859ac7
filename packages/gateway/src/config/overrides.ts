import type { ListenAddress } from './address.ts';
import type { LoadedConfig } from './parse-config.ts';

/** What was bound: names and origins hold the ports, which the system may have chosen. */
export interface BoundAddresses {
  readonly main: ListenAddress;
  /** Of `listen.control`, where there is one. */
  readonly control: ListenAddress | undefined;
}

/** The same configuration on another address: `--listen`. */
export function withListen(loaded: LoadedConfig, address: ListenAddress): LoadedConfig {
  const { config } = loaded;
  return { ...loaded, config: { ...config, listen: { ...config.listen, ...address } } };
}

/** The same configuration on the addresses that were bound. */
export function withBound(loaded: LoadedConfig, bound: BoundAddresses): LoadedConfig {
  const { control } = loaded.config.listen;
  const moved = withListen(loaded, bound.main);
  if (control === undefined || bound.control === undefined) return moved;
  const { config } = moved;
  return { ...moved, config: { ...config, listen: { ...config.listen, control: { ...control, ...bound.control } } } };
}

/**
 * The configuration as the control plane's own listener sees it: its address, and nothing of the application (T1).
 *
 * Undefined when it has no listener of its own.
 */
export function controlView(loaded: LoadedConfig): LoadedConfig | undefined {
  const { config } = loaded;
  const { control } = config.listen;
  if (control === undefined) return undefined;
  const listen = { ...config.listen, ...control };
  // Origins listed for the application's API say nothing about who may drive the control plane.
  const guards = { ...config.guards, cors: { ...config.guards.cors, origins: [] } };
  return { ...loaded, config: { ...config, listen, guards, upstreams: {}, routes: [], ownership: [] } };
}
