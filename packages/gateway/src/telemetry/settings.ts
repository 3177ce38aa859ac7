/** What the standard `OTEL_*` variables ask for. */
export interface TelemetrySettings {
  /** Of the process, such as `service.name`. */
  readonly resource: Readonly<Record<string, string>>;
  /** Undefined: nobody asked for traces. */
  readonly traces: TracesSettings | undefined;
  /** Undefined: nobody asked for metrics. */
  readonly metrics: MetricsSettings | undefined;
}

export interface TracesSettings {
  readonly exporter: ExporterSettings;
  readonly sampler: SamplerSettings;
  /** Whether W3C trace context is read and sent. */
  readonly propagates: boolean;
  readonly batch: BatchSettings;
}

export interface MetricsSettings {
  readonly exporter: ExporterSettings;
  readonly everyMs: number;
}

/** Where one signal goes. */
export interface ExporterSettings {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For one export, further attempts included. */
  readonly timeoutMs: number;
  readonly gzip: boolean;
  /** Paths of PEM files. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Which traces that begin here, or whose beginning decided nothing, are recorded. */
export interface SamplerSettings {
  /** Whether the decision of a trusted caller stands. */
  readonly isParentBased: boolean;
  /** 0 to 1. */
  readonly ratio: number;
}

export interface BatchSettings {
  /** Spans that wait at most; further ones are dropped and counted. */
  readonly queueMax: number;
  /** Spans of one export. */
  readonly exportMax: number;
  readonly everyMs: number;
}
