import { afterEach, expect, it } from 'vitest';
import { parseExposition, valueOf } from '../../test/exposition.ts';
import { PROMETHEUS } from './exposition.ts';
import { ProcessMetrics } from './process-metrics.ts';

let metrics: ProcessMetrics | undefined;
afterEach(() => metrics?.stop());

it('says what the process takes, and which program it is', () => {
  metrics = new ProcessMetrics('1.2.3');
  const parsed = parseExposition(PROMETHEUS.write(metrics.families()));
  const above: readonly (readonly [string, number])[] = [
    ['process_cpu_seconds_total', 0],
    ['process_resident_memory_bytes', 10_000_000],
    ['process_start_time_seconds', 1_600_000_000],
    ['steadygate_heap_used_bytes', 1_000_000],
    ['steadygate_heap_total_bytes', 1_000_000],
    ['steadygate_external_memory_bytes', 0],
    ['steadygate_event_loop_active_seconds_total', 0],
  ];
  for (const [name, least] of above) expect([name, (valueOf(parsed, name) ?? -1) > least]).toEqual([name, true]);
  const labels = { version: '1.2.3', node: process.version };
  expect(valueOf(parsed, 'steadygate_build_info', labels)).toBe(1);
  expect(valueOf(parsed, 'steadygate_event_loop_delay_seconds', { percentile: 'max' })).toBeGreaterThanOrEqual(0);
});
