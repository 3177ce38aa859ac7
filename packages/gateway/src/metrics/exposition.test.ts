import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExposition, valueOf } from '../../test/exposition.ts';
import { expositionFor, OPEN_METRICS, PROMETHEUS } from './exposition.ts';
import { Histogram } from './histogram.ts';
import { family, type Metric } from './metric.ts';

const COUNTER: Metric = { name: 'a_total', type: 'counter', labels: ['route', 'guard'], help: 'What is counted.' };
const GAUGE: Metric = { name: 'b_bytes', type: 'gauge', labels: [], help: 'One line\nand \\ another.' };
const HISTOGRAM: Metric = { name: 'c_seconds', type: 'histogram', labels: ['route'], help: 'How long.' };

function families() {
  const histogram = new Histogram(HISTOGRAM, [0.5, 1]);
  for (const value of [0.25, 0.5, 0.75, 3]) histogram.of('/x').observe(value);
  return [family(COUNTER, [3, '/a"b\\c\nd', 'none']), family(GAUGE, [1.5]), histogram.family()];
}

describe('the text of metrics', () => {
  it('is what Prometheus reads', () => {
    expect(PROMETHEUS.write(families())).toBe(`# HELP a_total What is counted.
# TYPE a_total counter
a_total{route="/a\\"b\\\\c\\nd",guard="none"} 3
# HELP b_bytes One line\\nand \\\\ another.
# TYPE b_bytes gauge
b_bytes 1.5
# HELP c_seconds How long.
# TYPE c_seconds histogram
c_seconds_bucket{route="/x",le="0.5"} 2
c_seconds_bucket{route="/x",le="1.0"} 3
c_seconds_bucket{route="/x",le="+Inf"} 4
c_seconds_sum{route="/x"} 4.5
c_seconds_count{route="/x"} 4
`);
  });

  it('is what OpenMetrics wants: families of counters without their suffix, and an end', () => {
    const text = OPEN_METRICS.write(families());
    expect(text).toContain('# TYPE a counter\na_total{');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
  });

  it('names a metric that has no series yet', () => {
    expect(PROMETHEUS.write([family(GAUGE)])).toMatch(/^# HELP b_bytes .*\n# TYPE b_bytes gauge\n$/);
  });

  it('brings every label through as it was, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.double(), (route, value) => {
        for (const form of [PROMETHEUS, OPEN_METRICS]) {
          const parsed = parseExposition(form.write([family(COUNTER, [value, route, 'g'])]));
          expect(parsed.samples).toHaveLength(1);
          expect(parsed.samples[0]?.labels).toEqual({ route, guard: 'g' });
          expect(valueOf(parsed, 'a_total')).toBe(value === 0 ? 0 : value);
        }
      }),
    );
  });
});

describe('the form that is asked for', () => {
  it.each([
    [undefined, PROMETHEUS],
    ['', PROMETHEUS],
    ['*/*', PROMETHEUS],
    ['text/plain', PROMETHEUS],
    ['application/openmetrics-text', OPEN_METRICS],
    ['application/openmetrics-text; version=1.0.0', OPEN_METRICS],
    [
      'Application/OpenMetrics-Text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,*/*;q=0.1',
      OPEN_METRICS,
    ],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.3',
      OPEN_METRICS,
    ],
    ['application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.9', PROMETHEUS],
    ['application/openmetrics-text;version=0.0.1', PROMETHEUS],
    ['application/openmetrics-text;q=0', PROMETHEUS],
    ['application/openmetrics-text;q=x', PROMETHEUS],
    ['application/json', PROMETHEUS],
  ])('of %j', (accept, form) => {
    expect(expositionFor(accept)).toBe(form);
  });
});
