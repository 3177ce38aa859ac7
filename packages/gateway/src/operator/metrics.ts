import { ProblemError } from '@steadygate/core';
import { z } from 'zod';
import type { Family } from '../metrics/metric.ts';
import { defineCommand } from './command.ts';

const Labels = z.array(z.string());

const MetricView = z.strictObject({
  name: z.string(),
  type: z.enum(['counter', 'gauge', 'histogram']),
  labels: Labels,
  help: z.string(),
});

const FamilyView = z.strictObject({
  metric: MetricView,
  samples: z.array(z.strictObject({ labels: Labels, value: z.number() })).optional(),
  distributions: z
    .array(
      z.strictObject({ labels: Labels, bounds: z.array(z.number()), counts: z.array(z.number()), sum: z.number() }),
    )
    .optional(),
});

/** Reads every metric now. */
export const readMetrics = defineCommand({
  name: 'metrics.read',
  summary: 'Show what is measured',
  needsServer: true,
  input: z.strictObject({}),
  output: z.strictObject({ families: z.array(FamilyView) }),
  async run({ metrics }) {
    if (metrics === undefined) throw new ProblemError('unavailable', { detail: 'Only a running server is measured.' });
    return { families: metrics().map(plain) };
  },
});

/** Values only: the series themselves go on counting. */
function plain({ metric, samples, distributions }: Family) {
  const { name, type, labels, help } = metric;
  return {
    metric: { name, type, labels: [...labels], help },
    ...(samples === undefined
      ? {}
      : { samples: samples.map((sample) => ({ labels: [...sample.labels], value: sample.value })) }),
    ...(distributions === undefined
      ? {}
      : {
          distributions: distributions.map(({ labels: of, bounds, counts, sum }) => {
            return { labels: [...of], bounds: [...bounds], counts: [...counts], sum };
          }),
        }),
  };
}
