import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks';
import { type Buckets, Histogram } from './histogram.ts';
import { LoopDelay, PERIOD_MS, RESOLUTION_MS } from './loop-delay.ts';
import { type Family, family } from './metric.ts';
import { METRICS } from './metrics.ts';

const COLLECTIONS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak-callbacks',
};

/** What the process itself takes: CPU, memory, pauses, delays of its event loop. */
export class ProcessMetrics {
  readonly #version: string;
  readonly #monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #loop = new LoopDelay(this.#monitor, () => performance.now());
  readonly #pauses = new Histogram(METRICS.collection);
  readonly #observer: PerformanceObserver;
  readonly #timer: NodeJS.Timeout;
  readonly #filesMax = openFilesMax();
  #files: number | undefined;

  constructor(version: string) {
    this.#version = version;
    this.#monitor.enable();
    const kinds = new Map(Object.entries(COLLECTIONS).map(([kind, name]) => [Number(kind), this.#pauses.of(name)]));
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) noteCollection(kinds, entry);
    });
    this.#observer.observe({ entryTypes: ['gc'] });
    this.#timer = setInterval(() => this.#turn(), PERIOD_MS).unref();
    this.#countFiles();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#observer.disconnect();
    this.#monitor.disable();
  }

  families(): readonly Family[] {
    const { heapUsed, heapTotal, external, rss } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    return [
      this.#loop.family(),
      family(METRICS.loopActive, [performance.eventLoopUtilization().active / 1000]),
      this.#pauses.family(),
      family(METRICS.heapUsed, [heapUsed]),
      family(METRICS.heapTotal, [heapTotal]),
      family(METRICS.externalMemory, [external]),
      family(METRICS.cpu, [(user + system) / 1e6]),
      family(METRICS.resident, [rss]),
      family(METRICS.startTime, [performance.timeOrigin / 1000]),
      family(METRICS.openFiles, ...known(this.#files)),
      family(METRICS.openFilesMax, ...known(this.#filesMax)),
      family(METRICS.build, [1, this.#version, process.version]),
    ];
  }

  #turn(): void {
    this.#loop.turn();
    this.#countFiles();
  }

  /** Aside: ten thousand sockets take milliseconds to list. */
  #countFiles(): void {
    readdir('/proc/self/fd').then(
      (names) => {
        this.#files = names.length;
      },
      () => {
        this.#files = undefined;
      },
    );
  }
}

/** Node's entries of type `gc` tell in `detail` which kind it was; their declared type does not know it. */
function noteCollection(kinds: ReadonlyMap<unknown, Buckets>, entry: PerformanceEntry & { detail?: unknown }): void {
  const { detail, duration } = entry;
  if (typeof detail === 'object' && detail !== null && 'kind' in detail)
    kinds.get(detail.kind)?.observe(duration / 1000);
}

/** Undefined where the system does not tell. */
function openFilesMax(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    // Only Linux has this file.
    return undefined;
  }
}

function known(value: number | undefined): readonly (readonly [number])[] {
  return value === undefined ? [] : [[value]];
}
