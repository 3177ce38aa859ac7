import { describe, expect, it } from 'vitest';
import { readTelemetry } from './environment.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

const read = (variables: Readonly<Record<string, string>>) => readTelemetry(variables);
const traces = (variables: Readonly<Record<string, string>>) => read(variables).settings.traces;
const exporter = (variables: Readonly<Record<string, string>>) => traces({ ...ENDPOINT, ...variables })?.exporter;

describe('what the variables of OpenTelemetry ask for', () => {
  it('is nothing while none of them does', () => {
    const { settings, warnings } = read({ OTEL_SERVICE_NAME: 'gate', OTEL_TRACES_SAMPLER: 'always_on' });
    expect([settings.traces, settings.metrics, warnings]).toEqual([undefined, undefined, []]);
  });

  it('is both signals at an endpoint, and only what is named where one is named', () => {
    const both = read(ENDPOINT).settings;
    expect(both.traces?.exporter).toMatchObject({
      url: 'http://collector:4318/v1/traces',
      timeoutMs: 10_000,
      gzip: false,
    });
    expect(both.metrics).toMatchObject({ exporter: { url: 'http://collector:4318/v1/metrics' }, everyMs: 60_000 });
    expect(read({ ...ENDPOINT, OTEL_METRICS_EXPORTER: 'none' }).settings.metrics).toBeUndefined();
    expect(read({ OTEL_TRACES_EXPORTER: 'otlp' }).settings).toMatchObject({
      traces: { exporter: { url: 'http://localhost:4318/v1/traces' } },
      metrics: undefined,
    });
    const own = { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://m:1/own' };
    expect(read(own).settings).toMatchObject({ traces: undefined, metrics: { exporter: { url: 'http://m:1/own' } } });
  });

  it('is nothing at all once it is disabled', () => {
    const { settings } = read({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'otlp', OTEL_SDK_DISABLED: 'TRUE' });
    expect([settings.traces, settings.metrics]).toEqual([undefined, undefined]);
  });

  it.each([
    ['http://c:4318', 'http://c:4318/v1/traces'],
    ['http://c:4318/', 'http://c:4318/v1/traces'],
    ['https://c/otlp', 'https://c/otlp/v1/traces'],
    ['https://c/otlp/?x=1', 'https://c/otlp/v1/traces'],
  ])('sends to the signal’s path below %s', (endpoint, url) => {
    expect(exporter({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })?.url).toBe(url);
  });

  it('takes the signal’s own settings before the common ones', () => {
    const found = exporter({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://t:1/here',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-key=s%20ecret%3D,b=2',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/key.pem',
    });
    expect(found).toEqual({
      url: 'https://t:1/here',
      headers: { 'x-key': 's ecret=', b: '2' },
      timeoutMs: 2000,
      gzip: true,
      tls: { ca: '/ca.pem', key: '/key.pem' },
    });
  });

  it('names the service, and adds what the resource is', () => {
    const of = (variables: Readonly<Record<string, string>>) => read(variables).settings.resource;
    expect(of({})).toEqual({ 'service.name': 'steadygate' });
    const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=prod,team=a%2Cb,service.name=x' };
    expect(of(attributes)).toEqual({ 'deployment.environment.name': 'prod', team: 'a,b', 'service.name': 'x' });
    expect(of({ ...attributes, OTEL_SERVICE_NAME: 'gate' })).toMatchObject({ 'service.name': 'gate', team: 'a,b' });
  });

  it.each<[Record<string, string>, boolean, number]>([
    [{}, true, 1],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, false, 1],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, false, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, true, 0],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, false, 0.25],
    [{ OTEL_TRACES_SAMPLER: 'ParentBased_TraceIdRatio', OTEL_TRACES_SAMPLER_ARG: '0.01' }, true, 0.01],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio' }, false, 1],
  ])('samples as %j says', (variables, isParentBased, ratio) => {
    expect(traces({ ...ENDPOINT, ...variables })?.sampler).toEqual({ isParentBased, ratio });
  });

  it('batches as the variables say, never more in an export than may wait', () => {
    expect(traces(ENDPOINT)?.batch).toEqual({ queueMax: 2048, exportMax: 512, everyMs: 5000 });
    const batch = { OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_SCHEDULE_DELAY: '250' };
    expect(traces({ ...ENDPOINT, ...batch })?.batch).toEqual({ queueMax: 100, exportMax: 100, everyMs: 250 });
  });

  it('leaves trace context alone where it is not among the propagators', () => {
    expect(traces({ ...ENDPOINT, OTEL_PROPAGATORS: 'tracecontext,baggage' })?.propagates).toBe(true);
    expect(traces({ ...ENDPOINT, OTEL_PROPAGATORS: 'none' })?.propagates).toBe(false);
  });
});

describe('what cannot be understood is told, without its value, and left out', () => {
  const SECRET = 'hunter2';

  it.each<[Record<string, string>, string, boolean]>([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: `collector-${SECRET}` }, 'OTEL_EXPORTER_OTLP_ENDPOINT', false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: `ftp://c/${SECRET}` }, 'OTEL_EXPORTER_OTLP_ENDPOINT', false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: `http://me:${SECRET}@c` }, 'OTEL_EXPORTER_OTLP_ENDPOINT', false],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, 'OTEL_EXPORTER_OTLP_PROTOCOL', false],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, 'OTEL_EXPORTER_OTLP_PROTOCOL', true],
    [{ OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRET},broken` }, 'OTEL_EXPORTER_OTLP_HEADERS', true],
    [{ OTEL_EXPORTER_OTLP_HEADERS: `a=%zz${SECRET}` }, 'OTEL_EXPORTER_OTLP_HEADERS', true],
    [{ OTEL_EXPORTER_OTLP_HEADERS: `a%0d%0ab=${SECRET}` }, 'OTEL_EXPORTER_OTLP_HEADERS', true],
    [{ OTEL_EXPORTER_OTLP_HEADERS: `a=x%0d%0ab: ${SECRET}` }, 'OTEL_EXPORTER_OTLP_HEADERS', true],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: SECRET }, 'OTEL_EXPORTER_OTLP_TIMEOUT', true],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '0' }, 'OTEL_EXPORTER_OTLP_TIMEOUT', true],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }, 'OTEL_EXPORTER_OTLP_COMPRESSION', true],
    [{ OTEL_TRACES_EXPORTER: 'jaeger' }, 'OTEL_TRACES_EXPORTER', false],
    [{ OTEL_TRACES_EXPORTER: 'console,otlp' }, 'OTEL_TRACES_EXPORTER', true],
    [{ OTEL_TRACES_SAMPLER: 'jaeger_remote' }, 'OTEL_TRACES_SAMPLER', true],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' }, 'OTEL_TRACES_SAMPLER_ARG', true],
    [{ OTEL_TRACES_SAMPLER: '__proto__' }, 'OTEL_TRACES_SAMPLER', true],
    [{ OTEL_PROPAGATORS: 'b3' }, 'OTEL_PROPAGATORS', true],
    [{ OTEL_RESOURCE_ATTRIBUTES: `team=a,${SECRET}` }, 'OTEL_RESOURCE_ATTRIBUTES', true],
  ])('%j', (variables, name, isOn) => {
    const { settings, warnings } = read({ ...ENDPOINT, ...variables });
    expect(settings.traces !== undefined).toBe(isOn);
    expect(warnings.some((warning) => warning.startsWith(`${name} `))).toBe(true);
    expect(JSON.stringify([warnings, settings])).not.toContain(SECRET);
  });

  it('and an empty variable is none', () => {
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ', OTEL_TRACES_EXPORTER: '' }).settings.traces).toBeUndefined();
  });
});
