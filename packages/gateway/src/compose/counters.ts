import { readFileSync } from 'node:fs';
import type { BucketStore, StrikeCounter } from '@steadygate/core';
import type { CountersConfig } from '../config/gateway-config.ts';
import { CountersError } from '../counters/counters-error.ts';
import { memoryBuckets } from '../counters/memory.ts';
import { memoryStrikes } from '../counters/memory-strikes.ts';
import { openRedisCounters } from '../counters/redis-connection.ts';
import type { Logger } from '../log/logger.ts';

/** Where limits are counted, and whether that works now. */
export interface Counters {
  readonly buckets: BucketStore;
  /** Whether several instances count together, on a server. */
  readonly isShared: boolean;
  /** Violations of callers, counted where limits are. */
  readonly strikes: StrikeCounter;
  /** Counts as another instance with the same configuration would; the caller closes it. @throws CountersError */
  another(): Promise<Counters>;
  /** Why limits cannot be counted now; undefined while they can. */
  failure(): Error | undefined;
  close(): void;
}

/** Opens what the configuration names, and closes it when `use` fails. @throws CountersError, and what `use` throws */
export async function withCounters<Result>(
  config: CountersConfig,
  logger: Logger,
  use: (counters: Counters) => Promise<Result>,
): Promise<Result> {
  const counters = await openCounters(config, logger);
  try {
    return await use(counters);
  } catch (cause) {
    counters.close();
    throw cause;
  }
}

/** An outage is told once, and so is its end. */
async function openCounters(config: CountersConfig, logger: Logger): Promise<Counters> {
  const another = () => openCounters(config, logger);
  if (config.kind === 'memory') {
    const own = { buckets: memoryBuckets(), strikes: memoryStrikes(), isShared: false };
    return { ...own, another, failure: () => undefined, close: () => undefined };
  }
  const { caFile, ...rest } = config;
  const opened = await openRedisCounters({
    ...rest,
    ...(caFile === undefined ? {} : { ca: certificates(caFile) }),
    onLost: (cause) =>
      logger.error({ alert: 'counters-lost', cause }, 'limits cannot be counted: they refuse until Redis is back'),
    onBack: () => logger.warn({ alert: 'counters-back' }, 'Redis is back: limits are counted again'),
  });
  const { buckets, strikes } = opened;
  return { buckets, strikes, isShared: true, another, failure: () => opened.failure(), close: () => opened.close() };
}

function certificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new CountersError(`The certificates of counters.caFile cannot be read${code}.`, { isRefusal: true });
  }
}
