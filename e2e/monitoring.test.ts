import { readFileSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Metric } from '../packages/gateway/src/metrics/metric.ts';
import { METRICS } from '../packages/gateway/src/metrics/metrics.ts';
import { parseExposition } from '../packages/gateway/test/exposition.ts';
import { echoConfig } from './support/echo-upstream.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { familiesOf, groupingOf, selectorsOf } from './support/promql.ts';
import { promtool, promtoolPath } from './support/promtool.ts';

const ROOT = join(import.meta.dirname, '..');
const ALERTS = join(ROOT, 'deploy/prometheus/alerts.yaml');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly id: number;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

interface Dashboard {
  readonly schemaVersion: number;
  readonly uid: string;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly definition?: string }[];
  };
  readonly annotations: { readonly list: readonly { readonly expr?: string }[] };
  readonly panels: readonly Panel[];
}

// Our own files, in the form that Prometheus and Grafana give them.
const rules = (parse(readFileSync(ALERTS, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(readFileSync(join(ROOT, 'deploy/grafana/steadygate.json'), 'utf8')) as Dashboard;
const graphs = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = graphs.flatMap(({ title, targets = [] }) => targets.map((target) => [title, target] as const));
const metrics = new Map<string, Metric>(Object.values(METRICS).map((metric) => [metric.name, metric]));

const expressions: readonly (readonly [string, string])[] = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...queries.map(([title, { expr }]) => [`panel ${title}`, expr] as const),
  ...dashboard.annotations.list.flatMap(({ expr }) => (expr === undefined ? [] : [['annotation', expr] as const])),
  ...dashboard.templating.list.flatMap(({ name, definition }) => {
    return definition === undefined ? [] : [[`variable ${name}`, definition] as const];
  }),
];

/** What Grafana puts in. */
function filled(expr: string): string {
  return expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.*').replaceAll('$instance', '.*');
}

describe('the dashboard and the alert rules', () => {
  it('are of a plausible number', () => {
    expect(rules.length).toBeGreaterThan(20);
    expect(queries.length).toBeGreaterThan(40);
  });

  it.each(expressions)('ask for metrics and labels that there are: %s', (_name, expr) => {
    const families = familiesOf(expr);
    expect(families.length).toBeGreaterThan(0);
    expect(families.filter((family) => !metrics.has(family))).toEqual([]);
    const labelsOf = (family: string): readonly string[] => [
      'job',
      'instance',
      'le',
      ...(metrics.get(family)?.labels ?? []),
    ];
    for (const { family, labels } of selectorsOf(expr)) {
      expect([family, labels.filter((label) => !labelsOf(family).includes(label))]).toEqual([family, []]);
    }
    const known = families.flatMap(labelsOf);
    expect(groupingOf(expr).filter((label) => !known.includes(label))).toEqual([]);
  });

  it('show or judge every metric that the gate has, but those that only explain others', () => {
    const used = new Set(expressions.flatMap(([, expr]) => familiesOf(expr)));
    const left = [...metrics.keys()].filter((name) => !used.has(name));
    expect(left).toEqual([
      'steadygate_upstream_requests_in_flight_max',
      'steadygate_upstream_requests_total',
      'steadygate_upstream_retries_over_budget_total',
      'steadygate_upstream_breaker_opened_total',
      'steadygate_upstream_target_requests_in_flight',
      'steadygate_upstream_target_requests_total',
      'steadygate_upstream_target_ejections_total',
      'steadygate_upstream_target_checks_total',
      'steadygate_upstream_target_failed_checks_total',
      'steadygate_instances',
      'steadygate_heap_total_bytes',
      'process_start_time_seconds',
    ]);
  });
});

describe('each alert', () => {
  const page = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const anchors = [...page.matchAll(/^#{2,4} (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\d _-]/gu, '')
      .replaceAll(' ', '-'),
  );

  it.each(rules)('$alert says how bad it is, what it is, and what to do', ({ alert, labels, annotations }) => {
    expect(alert).toMatch(/^Steadygate[A-Z]\w+$/);
    expect(['critical', 'warning', 'info']).toContain(labels['severity']);
    expect(annotations['summary']).toMatch(/\S/);
    expect(annotations['description']).toMatch(/\.$/);
    const [file, anchor] = (annotations['runbook_url'] ?? '').split('#');
    expect(file).toBe('docs/operations.md');
    expect(anchors).toContain(anchor);
  });

  it('is told by name in the page', () => {
    expect(rules.map(({ alert }) => alert).filter((alert) => !page.includes(`\`${alert}\``))).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('is one that Grafana 10 and later import, for any data source', () => {
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(37);
    expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    expect(new Set(graphs.map(({ datasource }) => datasource?.uid))).toEqual(new Set(['${datasource}']));
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(graphs.filter(({ description = '' }) => !description.endsWith('.'))).toEqual([]);
  });

  it('has no panel over another, and none beyond the edge', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(dashboard.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });

  it.each(queries)('names in the legend of %s what its series are told apart by', (_title, { expr, legendFormat }) => {
    const families = familiesOf(expr);
    const own = families.length === 1 ? (metrics.get(families[0] ?? '')?.labels ?? []) : [];
    const known = ['instance', ...groupingOf(expr), ...own];
    const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    expect(named.filter((label) => !known.includes(label))).toEqual([]);
  });
});

describe('a real gate', () => {
  let gate: RunningGate;
  let text: string;

  beforeAll(async () => {
    gate = await startGate({ config: echoConfig('http://127.0.0.1:9') });
    await fetch(`${gate.url}/open/x`);
    ({ stdout: text } = await gate.cli('metrics'));
  });

  afterAll(() => gate?.stop());

  it('has every metric of the dashboard and the rules, with its type and what it tells', () => {
    const { types, helps } = parseExposition(text);
    const asked = new Set(expressions.flatMap(([, expr]) => familiesOf(expr)));
    expect([...asked].filter((name) => types.get(name) !== metrics.get(name)?.type)).toEqual([]);
    expect([...metrics.values()].filter(({ name, help }) => helps.get(name) !== help)).toEqual([]);
  });

  it('has no series but those of its table', () => {
    const { samples } = parseExposition(text);
    const foreign = samples.filter(({ name, labels }) => {
      const metric = metrics.get(name) ?? metrics.get(name.replace(/_(?:bucket|sum|count)$/, ''));
      const known = [...(metric?.labels ?? []), ...(name.endsWith('_bucket') ? ['le'] : [])];
      return metric === undefined || JSON.stringify(Object.keys(labels)) !== JSON.stringify(known);
    });
    expect(foreign).toEqual([]);
  });

  it.skipIf(promtoolPath() === undefined)('passes Prometheus’ own check', () => {
    const { code, output } = promtool(['check', 'metrics'], text);
    expect([code, output.trim()]).toEqual([0, '']);
  });
});

describe.skipIf(promtoolPath() === undefined)('Prometheus’ own checker', () => {
  it('takes the rules', () => {
    expect(promtool(['check', 'rules', ALERTS])).toMatchObject({ code: 0 });
  });

  it('sees each of them fire when it should, and none on a healthy gate', { timeout: 120_000 }, () => {
    const tests = ALERTS.replace(/\.yaml$/, '.test.yaml');
    expect(promtool(['test', 'rules', tests])).toMatchObject({ code: 0 });
    const text = readFileSync(tests, 'utf8');
    expect(rules.map(({ alert }) => alert).filter((alert) => !text.includes(`alertname="${alert}"`))).toEqual([]);
  });

  it('takes every query of the dashboard', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sg-rules-'));
    try {
      const records = queries.map(([, { expr }], at) => ({ record: `panel:${at}`, expr: filled(expr) }));
      const file = join(folder, 'rules.yaml');
      writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules: records }] }));
      const { code, output } = promtool(['check', 'rules', file]);
      expect([code, output]).toEqual([0, expect.stringContaining(`${records.length} rules found`)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
