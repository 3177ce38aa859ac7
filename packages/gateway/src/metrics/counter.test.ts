import { describe, expect, it } from 'vitest';
import { Counter } from './counter.ts';
import { Histogram } from './histogram.ts';
import type { Metric } from './metric.ts';

const METRIC: Metric = { name: 'a_total', type: 'counter', labels: ['route', 'guard'], help: 'Counts.' };
const TIMES: Metric = { name: 'a_seconds', type: 'histogram', labels: ['route'], help: 'Times.' };

describe('a counter', () => {
  it('counts each set of labels for itself', () => {
    const counter = new Counter(METRIC);
    counter.of('/a', 'x').add();
    counter.of('/a', 'x').add(2);
    counter.of('/a', 'y').add();
    expect(counter.family().samples).toEqual([
      { labels: ['/a', 'x'], value: 3 },
      { labels: ['/a', 'y'], value: 1 },
    ]);
  });

  it('takes no other labels than its metric has', () => {
    expect(() => new Counter(METRIC).of('/a')).toThrow('a_total has other labels');
  });

  it('counts what is beyond its bound together, and forgets nothing', () => {
    const counter = new Counter(METRIC, 3);
    for (let at = 0; at < 1_000; at += 1) counter.of(`/${at}`, 'x').add();
    const samples = counter.family().samples ?? [];
    expect(samples).toHaveLength(4);
    expect(samples.at(-1)).toEqual({ labels: ['other', 'other'], value: 997 });
  });
});

describe('a histogram', () => {
  it('puts a value into the bucket of the first bound that is not below it', () => {
    const histogram = new Histogram(TIMES, [0.1, 1]);
    for (const value of [0, 0.1, 0.100_1, 1, 1.1, 100]) histogram.of('/a').observe(value);
    expect(histogram.family().distributions).toMatchObject([{ labels: ['/a'], counts: [2, 2, 2], sum: 102.300_1 }]);
  });

  it('bounds its series as well', () => {
    const histogram = new Histogram(TIMES, [1], 2);
    for (const route of ['/a', '/b', '/c', '/d']) histogram.of(route).observe(1);
    expect(histogram.family().distributions?.map(({ labels, counts }) => [labels[0], counts[0]])).toEqual([
      ['/a', 1],
      ['/b', 1],
      ['other', 2],
    ]);
  });
});
