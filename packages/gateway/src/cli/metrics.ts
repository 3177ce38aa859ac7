import { PROMETHEUS } from '../metrics/exposition.ts';
import { readMetrics } from '../operator/metrics.ts';
import type { CliCommand } from './command.ts';
import { operatorCommand } from './operator-command.ts';

/** `steadygate metrics` */
export const METRICS_COMMAND: CliCommand = operatorCommand({
  name: 'metrics',
  summary: 'Show what the running server measures',
  operator: readMetrics,
  options: {},
  notes: ["Prints Prometheus' text format, so a scraper's text-file collector can take it."],
  examples: ['metrics', 'metrics --json'],
  input: () => ({}),
  print: ({ families }, { io }) => void io.stdout.write(PROMETHEUS.write(families)),
});
