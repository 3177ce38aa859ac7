import { systemRandom } from '../crypto/random.ts';
import type { Logger } from '../log/logger.ts';
import { pooledRandom } from '../proxy/pooled-random.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { VERSION } from '../version.ts';
import { monotonicMs, systemClock } from './base.ts';

type Variables = Readonly<Record<string, string | undefined>>;

const ASKING = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_TRACES_EXPORTER',
  'OTEL_METRICS_EXPORTER',
];

/** What the `OTEL_*` variables ask for; undefined when they ask for nothing: then none of its code is even loaded. */
export async function telemetryOf(
  variables: Variables,
  { logger, notice }: { readonly logger: Logger; readonly notice: (text: string) => void },
): Promise<Telemetry | undefined> {
  if (!ASKING.some((name) => (variables[name] ?? '').trim() !== '')) return undefined;
  const [{ readTelemetry }, { openTelemetry }] = await Promise.all([
    import('../telemetry/environment.ts'),
    import('../telemetry/telemetry.ts'),
  ]);
  const { settings, warnings } = readTelemetry(variables);
  for (const warning of warnings) notice(warning);
  if (settings.traces === undefined && settings.metrics === undefined) return undefined;
  try {
    return openTelemetry({
      settings: {
        ...settings,
        resource: { ...OWN_RESOURCE, 'service.instance.id': systemRandom.id(), ...settings.resource },
      },
      version: VERSION,
      random: pooledRandom(systemRandom),
      nowMs: () => systemClock.nowMs(),
      monotonicMs,
      onFailure: (signal, reason) => logger.error({ signal, reason }, 'the OpenTelemetry collector does not take them'),
    });
  } catch (cause) {
    // Such as a certificate that cannot be read. Who is not watched must still be served.
    notice(`Nothing is sent to an OpenTelemetry collector: ${cause instanceof Error ? cause.message : String(cause)}`);
    return undefined;
  }
}

const OWN_RESOURCE = {
  'service.version': VERSION,
  'telemetry.sdk.name': 'steadygate',
  'telemetry.sdk.language': 'nodejs',
  'telemetry.sdk.version': VERSION,
};
