import type { Random } from '@steadygate/core';
import { type Family, family } from '../metrics/metric.ts';
import type { Collector } from '../metrics/metric.ts';
import { METRICS } from '../metrics/metrics.ts';
import type { Tracer } from '../proxy/tracing.ts';
import { otlpMetrics } from './otlp-metrics.ts';
import { OtlpSender } from './otlp-sender.ts';
import { otlpTraces } from './otlp-traces.ts';
import { samplerOf } from './sampler.ts';
import type { MetricsSettings, TelemetrySettings, TracesSettings } from './settings.ts';
import { SpanQueue } from './span-queue.ts';
import { otelTracer } from './tracer.ts';

/** What is sent to an OpenTelemetry collector. */
export interface Telemetry {
  /** Undefined: nobody asked for traces. */
  readonly tracer: Tracer | undefined;
  /** Begins to send metrics, where somebody asked for them. */
  measure(read: Collector): void;
  /** How sending goes. */
  readonly families: Collector;
  /** Sends what waits, for a few seconds at most. */
  close(): Promise<void>;
}

export interface TelemetryDeps {
  readonly settings: TelemetrySettings;
  readonly version: string;
  readonly random: Random;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  /** An outage of the collector, told once, and what is lost by it. */
  readonly onFailure: (signal: 'traces' | 'metrics', reason: string) => void;
}

/** How long the end waits for the last spans. */
const CLOSE_MS = 2_000;

/** Opens what the settings ask for; no connection is made before there is something to send. @throws when a PEM file cannot be read */
export function openTelemetry(deps: TelemetryDeps): Telemetry {
  const traces = deps.settings.traces === undefined ? undefined : new Traces(deps, deps.settings.traces);
  const metrics = deps.settings.metrics === undefined ? undefined : new Pushed(deps, deps.settings.metrics);
  return {
    tracer: traces?.tracer,
    measure: (read) => metrics?.start(read),
    families: () => familiesOf(traces, metrics),
    async close() {
      const timeout = Promise.withResolvers<void>();
      const timer = setTimeout(timeout.resolve, CLOSE_MS);
      await Promise.race([Promise.all([traces?.flushed(), metrics?.flushed()]), timeout.promise]);
      clearTimeout(timer);
      traces?.close();
      metrics?.close();
    },
  };
}

function familiesOf(traces: Traces | undefined, metrics: Pushed | undefined): readonly Family[] {
  const failures = [
    ...(traces === undefined ? [] : [[traces.failures, 'traces'] as const]),
    ...(metrics === undefined ? [] : [[metrics.failures, 'metrics'] as const]),
  ];
  const spans =
    traces === undefined
      ? []
      : ([
          [traces.queue.sent, 'sent'],
          [traces.queue.dropped, 'dropped'],
        ] as const);
  return [family(METRICS.spans, ...spans), family(METRICS.exportFailures, ...failures)];
}

class Traces {
  readonly tracer: Tracer;
  readonly queue: SpanQueue;
  readonly #sender: OtlpSender;

  constructor(deps: TelemetryDeps, { exporter, sampler, propagates, batch }: TracesSettings) {
    const { version, random, monotonicMs } = deps;
    const { resource } = deps.settings;
    this.#sender = new OtlpSender(exporter, (reason) => deps.onFailure('traces', reason));
    const send = (spans: Parameters<typeof otlpTraces>[0]) =>
      this.#sender.send(otlpTraces(spans, { resource, version }));
    this.queue = new SpanQueue({ settings: batch, send });
    const onSpans = this.queue.add.bind(this.queue);
    this.tracer = otelTracer({ sampler: samplerOf(sampler), propagates, random, monotonicMs, onSpans });
  }

  get failures(): number {
    return this.#sender.failures;
  }

  flushed(): Promise<void> {
    return this.queue.close();
  }

  close(): void {
    this.#sender.close();
  }
}

/** Metrics that are sent at a fixed pace. */
class Pushed {
  readonly #deps: TelemetryDeps;
  readonly #settings: MetricsSettings;
  readonly #sender: OtlpSender;
  readonly #startedMs: number;
  #read: Collector | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<unknown> | undefined;

  constructor(deps: TelemetryDeps, settings: MetricsSettings) {
    this.#deps = deps;
    this.#settings = settings;
    this.#startedMs = deps.nowMs();
    this.#sender = new OtlpSender(settings.exporter, (reason) => deps.onFailure('metrics', reason));
  }

  get failures(): number {
    return this.#sender.failures;
  }

  start(read: Collector): void {
    this.#read = read;
    this.#timer = setInterval(() => void this.#send(), this.#settings.everyMs).unref();
  }

  async flushed(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
    await this.#send();
  }

  close(): void {
    this.#sender.close();
  }

  /** Totals: one that is left out is in the next. */
  #send(): Promise<unknown> {
    const { settings, version, nowMs } = this.#deps;
    if (this.#read === undefined) return Promise.resolve();
    const at = { startedMs: this.#startedMs, nowMs: nowMs() };
    const body = otlpMetrics(this.#read(), { resource: settings.resource, version, ...at });
    this.#sending ??= this.#sender.send(body).finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }
}
