import type { BatchSettings, ExporterSettings, SamplerSettings, TelemetrySettings } from './settings.ts';

/** Variables of the process. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What was asked for, and what of it could not be understood: that part is left out (OpenTelemetry: never an error). */
export interface ReadTelemetry {
  readonly settings: TelemetrySettings;
  /** Sentences that name variables, never their values. */
  readonly warnings: readonly string[];
}

type Signal = 'traces' | 'metrics';

const DEFAULT_ENDPOINT = 'http://localhost:4318';

/** Reads the standard variables of OpenTelemetry. Pure: nothing is opened, and files are only named. */
export function readTelemetry(variables: Variables): ReadTelemetry {
  const warnings: string[] = [];
  const reader = new VariableReader(variables, warnings);
  const isOn = (signal: Signal): boolean => !reader.flag('OTEL_SDK_DISABLED') && isAskedFor(reader, signal);
  const exporters = { traces: exporterOf(reader, 'traces', isOn), metrics: exporterOf(reader, 'metrics', isOn) };
  return {
    settings: {
      resource: resourceOf(reader),
      traces:
        exporters.traces === undefined
          ? undefined
          : {
              exporter: exporters.traces,
              sampler: samplerOf(reader),
              propagates: propagates(reader),
              batch: batchOf(reader),
            },
      metrics:
        exporters.metrics === undefined
          ? undefined
          : { exporter: exporters.metrics, everyMs: reader.number('OTEL_METRIC_EXPORT_INTERVAL', 60_000, 100) },
    },
    warnings,
  };
}

/** Reads single variables and remembers what is wrong with them. An empty one is not set. */
class VariableReader {
  readonly #variables: Variables;
  readonly #warnings: string[];

  constructor(variables: Variables, warnings: string[]) {
    this.#variables = variables;
    this.#warnings = warnings;
  }

  text(name: string): string | undefined {
    const value = this.#variables[name]?.trim();
    return value === '' ? undefined : value;
  }

  flag(name: string): boolean {
    return this.text(name)?.toLowerCase() === 'true';
  }

  number(name: string, fallback: number, least = 0): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (/^\d+(?:\.\d+)?$/.test(text) && value >= least) return value;
    this.warn(name, `is no number of ${least} or more: ${fallback} holds.`);
    return fallback;
  }

  /** `key=value,key=value`, percent-encoded; one bad pair spoils the whole. */
  pairs(name: string, isValid: (key: string, value: string) => boolean): Readonly<Record<string, string>> {
    const text = this.text(name);
    if (text === undefined) return {};
    const pairs = text.split(',').map(decodedPair);
    const known = pairs.filter((pair) => pair !== undefined && isValid(...pair)).filter((pair) => pair !== undefined);
    if (known.length === pairs.length) return Object.fromEntries(known);
    this.warn(name, 'is no list of key=value: all of it is left out.');
    return {};
  }

  warn(name: string, what: string): void {
    this.#warnings.push(`${name} ${what}`);
  }
}

function decodedPair(text: string): readonly [string, string] | undefined {
  const equals = text.indexOf('=');
  if (equals <= 0) return undefined;
  try {
    return [decodeURIComponent(text.slice(0, equals).trim()), decodeURIComponent(text.slice(equals + 1).trim())];
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}

/** The specification would export by default; here nothing is sent before a variable asks for it. */
function isAskedFor(reader: VariableReader, signal: Signal): boolean {
  const name = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  const named = reader.text(name);
  if (named === undefined) {
    const endpoints = ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_ENDPOINT`];
    return endpoints.some((endpoint) => reader.text(endpoint) !== undefined);
  }
  const exporters = named.split(',').map((exporter) => exporter.trim().toLowerCase());
  const foreign = exporters.filter((exporter) => !['otlp', 'none'].includes(exporter));
  if (foreign.length > 0) reader.warn(name, 'names an exporter that there is not here: otlp and none are known.');
  return exporters.includes('otlp');
}

function exporterOf(
  reader: VariableReader,
  signal: Signal,
  isOn: (signal: Signal) => boolean,
): ExporterSettings | undefined {
  if (!isOn(signal)) return undefined;
  const of = (what: string): string => {
    const own = `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${what}`;
    return reader.text(own) === undefined ? `OTEL_EXPORTER_OTLP_${what}` : own;
  };
  const url = endpointOf(reader, signal, of('ENDPOINT'));
  if (url === undefined || !speaksHttp(reader, of('PROTOCOL'))) return undefined;
  return {
    url,
    headers: reader.pairs(of('HEADERS'), isHeader),
    timeoutMs: reader.number(of('TIMEOUT'), 10_000, 1),
    gzip: isGzip(reader, of('COMPRESSION')),
    tls: {
      ...file('ca', reader.text(of('CERTIFICATE'))),
      ...file('cert', reader.text(of('CLIENT_CERTIFICATE'))),
      ...file('key', reader.text(of('CLIENT_KEY'))),
    },
  };
}

/** The signal's own address is taken as it is; the common one gets the signal's path. */
function endpointOf(reader: VariableReader, signal: Signal, name: string): string | undefined {
  const text = reader.text(name) ?? DEFAULT_ENDPOINT;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || `${url.username}${url.password}${url.hash}` !== '') {
    reader.warn(name, `is no http(s) address without user and password: ${signal} are not sent.`);
    return undefined;
  }
  if (name !== 'OTEL_EXPORTER_OTLP_ENDPOINT') return url.href;
  return new URL(`${url.pathname.replace(/\/$/, '')}/v1/${signal}`, url).href;
}

/** Collectors take JSON where they take protobuf: at the same address. */
function speaksHttp(reader: VariableReader, name: string): boolean {
  const protocol = reader.text(name)?.toLowerCase() ?? 'http/json';
  if (protocol === 'http/protobuf') reader.warn(name, 'asks for protobuf: JSON is sent to the same address.');
  if (protocol === 'http/protobuf' || protocol === 'http/json') return true;
  reader.warn(name, 'asks for what is not spoken here, and nothing is sent. Write http/json, and the port for HTTP.');
  return false;
}

function isGzip(reader: VariableReader, name: string): boolean {
  const compression = reader.text(name)?.toLowerCase() ?? 'none';
  if (!['gzip', 'none'].includes(compression)) reader.warn(name, 'is neither gzip nor none: none holds.');
  return compression === 'gzip';
}

function isHeader(name: string, value: string): boolean {
  return /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value);
}

function file<Key extends string>(key: Key, path: string | undefined): { readonly [key in Key]?: string } {
  // One entry of the key that was named; an object literal with a computed key forgets that.
  return path === undefined ? {} : ({ [key]: path } as { readonly [key in Key]?: string });
}

function resourceOf(reader: VariableReader): Readonly<Record<string, string>> {
  const attributes = reader.pairs('OTEL_RESOURCE_ATTRIBUTES', (key) => key.length <= 255);
  const name = reader.text('OTEL_SERVICE_NAME') ?? attributes['service.name'] ?? 'steadygate';
  return { ...attributes, 'service.name': name };
}

const SAMPLERS: Readonly<Record<string, { readonly isParentBased: boolean; readonly ratio: 0 | 1 | 'arg' }>> = {
  always_on: { isParentBased: false, ratio: 1 },
  always_off: { isParentBased: false, ratio: 0 },
  traceidratio: { isParentBased: false, ratio: 'arg' },
  parentbased_always_on: { isParentBased: true, ratio: 1 },
  parentbased_always_off: { isParentBased: true, ratio: 0 },
  parentbased_traceidratio: { isParentBased: true, ratio: 'arg' },
};

function samplerOf(reader: VariableReader): SamplerSettings {
  const name = reader.text('OTEL_TRACES_SAMPLER')?.toLowerCase() ?? 'parentbased_always_on';
  const sampler = Object.hasOwn(SAMPLERS, name) ? SAMPLERS[name] : undefined;
  if (sampler === undefined) {
    reader.warn('OTEL_TRACES_SAMPLER', 'names a sampler that there is not here: parentbased_always_on holds.');
    return { isParentBased: true, ratio: 1 };
  }
  const { isParentBased, ratio } = sampler;
  return { isParentBased, ratio: ratio === 'arg' ? ratioOf(reader) : ratio };
}

function ratioOf(reader: VariableReader): number {
  const ratio = reader.number('OTEL_TRACES_SAMPLER_ARG', 1);
  if (ratio <= 1) return ratio;
  reader.warn('OTEL_TRACES_SAMPLER_ARG', 'is more than 1: 1 holds.');
  return 1;
}

function propagates(reader: VariableReader): boolean {
  const named = reader.text('OTEL_PROPAGATORS');
  if (named === undefined) return true;
  const propagators = named.split(',').map((propagator) => propagator.trim().toLowerCase());
  const foreign = propagators.filter((propagator) => !['tracecontext', 'baggage', 'none'].includes(propagator));
  if (foreign.length > 0) reader.warn('OTEL_PROPAGATORS', 'names what is not known here: tracecontext is.');
  return propagators.includes('tracecontext');
}

function batchOf(reader: VariableReader): BatchSettings {
  const queueMax = reader.number('OTEL_BSP_MAX_QUEUE_SIZE', 2048, 1);
  return {
    queueMax,
    exportMax: Math.min(queueMax, reader.number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512, 1)),
    everyMs: reader.number('OTEL_BSP_SCHEDULE_DELAY', 5_000, 1),
  };
}
