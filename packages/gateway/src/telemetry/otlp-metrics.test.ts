import { expect, it } from 'vitest';
import { Histogram } from '../metrics/histogram.ts';
import { family } from '../metrics/metric.ts';
import { otlpMetrics } from './otlp-metrics.ts';

const COUNTER = { name: 'a_total', type: 'counter', labels: ['route'], help: 'A.' } as const;
const GAUGE = { name: 'b_bytes', type: 'gauge', labels: [], help: 'B.' } as const;
const HISTOGRAM = { name: 'c_duration_seconds', type: 'histogram', labels: [], help: 'C.' } as const;

it('metrics are written as OTLP has them in JSON: totals since the start, buckets each for itself', () => {
  const histogram = new Histogram(HISTOGRAM, [0.5, 1]);
  for (const value of [0.25, 0.75, 0.75, 3]) histogram.of().observe(value);
  const families = [family(COUNTER, [3, '/x']), family(GAUGE, [1.5]), histogram.family(), family(GAUGE)];
  const body = { resource: { 'service.name': 'gate' }, version: '1', startedMs: 1_000, nowMs: 61_000.5 };
  const times = { startTimeUnixNano: '1000000000', timeUnixNano: '61000500000' };
  expect(otlpMetrics(families, body)).toEqual({
    resourceMetrics: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'gate' } }] },
        scopeMetrics: [
          {
            scope: { name: 'steadygate', version: '1' },
            metrics: [
              {
                name: 'a_total',
                description: 'A.',
                unit: '1',
                sum: {
                  dataPoints: [{ attributes: [{ key: 'route', value: { stringValue: '/x' } }], ...times, asDouble: 3 }],
                  aggregationTemporality: 2,
                  isMonotonic: true,
                },
              },
              {
                name: 'b_bytes',
                description: 'B.',
                unit: 'By',
                gauge: { dataPoints: [{ attributes: [], ...times, asDouble: 1.5 }] },
              },
              {
                name: 'c_duration_seconds',
                description: 'C.',
                unit: 's',
                histogram: {
                  dataPoints: [
                    {
                      attributes: [],
                      ...times,
                      count: '4',
                      sum: 4.75,
                      bucketCounts: ['1', '2', '1'],
                      explicitBounds: [0.5, 1],
                    },
                  ],
                  aggregationTemporality: 2,
                },
              },
            ],
          },
        ],
      },
    ],
  });
});
