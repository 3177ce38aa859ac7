import type { Alert, DecisionRecord, Denial, EventSink, Took } from '@steadygate/core';
import { type Count, Counter, OTHER } from './counter.ts';
import { type Buckets, Histogram, LONG_SECONDS } from './histogram.ts';
import type { Family } from './metric.ts';
import { METRICS } from './metrics.ts';

/** The label of requests that matched no route or had no canonical form. */
const UNMATCHED = 'unmatched';
/** The label of the guard of what no guard refused. */
const NOBODY = 'none';
const CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;
/** Routes that are told apart: each has a histogram of its own. Reloads may bring others. */
const ROUTES_MAX = 500;

/** A first alert is seen as an increase only where a zero came before. */
const ALERT_KINDS: Readonly<Record<Alert['kind'], true>> = {
  'ownership-conflict': true,
  orphan: true,
  'refresh-reuse': true,
  'key-leaked': true,
  'forwarding-forged': true,
  'caller-blocked': true,
  burst: true,
  'key-unusual': true,
  'upstream-dropped': true,
  'upstream-down': true,
  'upstream-up': true,
};

const VIOLATION_KINDS: Readonly<Record<NonNullable<Denial['violation']>, true>> = {
  attack: true,
  prompt: true,
  text: true,
  'sensitive-path': true,
  credential: true,
};

/** Everything that is counted of one route, found by one look-up for each request. */
interface RouteSeries {
  readonly label: string;
  /** By verdict and guard, then by class of status. */
  readonly requests: Map<string, (Count | undefined)[]>;
  readonly added: Buckets;
}

/** Counts requests: a view of their decisions. */
export class RequestMetrics {
  readonly #requests = new Counter(METRICS.requests);
  readonly #refusals = new Counter(METRICS.refusals);
  readonly #shadows = new Counter(METRICS.shadowFindings);
  readonly #violations = new Counter(METRICS.violations);
  readonly #alerts = new Counter(METRICS.alerts);
  readonly #added = new Histogram(METRICS.addedDuration);
  readonly #upstream = new Histogram(METRICS.upstreamDuration, LONG_SECONDS);
  readonly #routes = new Map<string, RouteSeries>();
  readonly #upstreams = new Map<string, Buckets>();

  constructor() {
    for (const kind of Object.keys(ALERT_KINDS)) this.#alerts.of(kind);
    for (const kind of Object.keys(VIOLATION_KINDS)) this.#violations.of(kind);
  }

  /** Counts what goes to a sink. */
  counting(events: EventSink): EventSink {
    return {
      decided: (record) => {
        this.#decided(record);
        events.decided(record);
      },
      alert: (alert) => {
        this.#alerts.of(alert.kind).add();
        events.alert(alert);
      },
    };
  }

  families(): readonly Family[] {
    const all = [
      this.#requests,
      this.#refusals,
      this.#shadows,
      this.#violations,
      this.#alerts,
      this.#added,
      this.#upstream,
    ];
    return all.map((one) => one.family());
  }

  #decided({ routePath, decision, status, took }: DecisionRecord): void {
    const { outcome, denial, findings } = decision;
    const route = this.#routeOf(routePath);
    this.#countOf(route, { outcome, guard: denial?.guard ?? NOBODY }, status).value += 1;
    if (denial !== undefined) this.#refused(denial);
    for (const { guard, shadow } of findings) if (shadow === true) this.#shadows.of(route.label, guard).add();
    if (took !== undefined) this.#took(route, took);
  }

  #refused({ guard, code, violation }: Denial): void {
    this.#refusals.of(guard, code).add();
    if (violation !== undefined) this.#violations.of(violation).add();
  }

  #took(route: RouteSeries, { addedMs, upstream, upstreamMs }: Took): void {
    route.added.observe(addedMs / 1000);
    if (upstream === undefined || upstreamMs === undefined) return;
    let series = this.#upstreams.get(upstream);
    if (series === undefined) {
      series = this.#upstream.of(upstream);
      this.#upstreams.set(upstream, series);
    }
    series.observe(upstreamMs / 1000);
  }

  #routeOf(path = UNMATCHED): RouteSeries {
    const known = this.#routes.get(path);
    if (known !== undefined) return known;
    if (this.#routes.size >= ROUTES_MAX && path !== OTHER) return this.#routeOf(OTHER);
    const made = { label: path, requests: new Map(), added: this.#added.of(path) };
    this.#routes.set(path, made);
    return made;
  }

  #countOf(
    { label, requests }: RouteSeries,
    { outcome, guard }: { readonly outcome: string; readonly guard: string },
    status: number,
  ): Count {
    // Only a denial names a guard, so outcome and guard are told apart by either.
    const key = guard === NOBODY ? outcome : guard;
    let byClass = requests.get(key);
    if (byClass === undefined) {
      byClass = [];
      requests.set(key, byClass);
    }
    const at = Math.trunc(status / 100);
    const known = byClass[at];
    if (known !== undefined) return known;
    const made = this.#requests.of(label, outcome, guard, CLASSES[at] ?? CLASSES[0]);
    byClass[at] = made;
    return made;
  }
}
