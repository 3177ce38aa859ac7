import type { UpstreamList } from '@steadygate/contract';
import type { z } from 'zod';
import type { TargetView, UpstreamView } from './view.ts';

/** What the control API and the command line show of the upstreams. */
export function listingOf(views: readonly UpstreamView[]): z.infer<typeof UpstreamList> {
  return { upstreams: views.map(upstreamOf) };
}

function upstreamOf(view: UpstreamView): z.infer<typeof UpstreamList>['upstreams'][number] {
  return {
    ...view,
    inFlightMax: view.inFlightMax ?? null,
    queueMax: view.queueMax ?? null,
    breaker: view.breaker ?? null,
    targets: view.targets.map(targetOf),
  };
}

function targetOf({ ejectedUntilMs, lastCheck, ...view }: TargetView) {
  return {
    ...view,
    ejectedUntil: ejectedUntilMs ?? null,
    lastCheck: lastCheck === undefined ? null : checkOf(lastCheck),
  };
}

function checkOf({ atMs, isGood, detail, tookMs }: NonNullable<TargetView['lastCheck']>) {
  return { at: atMs, isGood, detail, tookMs };
}
