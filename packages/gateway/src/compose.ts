import { fileURLToPath } from 'node:url';
import { type Clock, type PolicyProblem, serviceAt } from '@steadygate/core';
import type { InviteDesk } from './auth/invite-desk.ts';
import type { BlockDesk } from './blocks/block-desk.ts';
import { type Base, liveKeys, openBase, systemClock } from './compose/base.ts';
import { type Counters, withCounters } from './compose/counters.ts';
import { endWith } from './compose/ends.ts';
import { eventParts } from './compose/events.ts';
import { type StateFeed, stateFeed } from './compose/feed.ts';
import { housekeepingOf } from './compose/housekeeping.ts';
import { type GateMetrics, gateMetrics, watchedCounters } from './compose/metrics.ts';
import { listenerControl, listenerPlane, type ListenerSessions, listenerSessions } from './compose/listener.ts';
import type { LoadedConfig } from './config/parse-config.ts';
import { toGatewayConfig } from './config/to-gateway-config.ts';
import type { DecisionFile } from './decisions/decision-file.ts';
import { ownRoutes, type OwnSurface } from './http/own-routes.ts';
import type { PostureView } from './http/posture.ts';
import type { Logger } from './log/logger.ts';
import { Measurements } from './metrics/measurements.ts';
import type { Collector } from './metrics/metric.ts';
import { upstreamsOf } from './compose/upstreams.ts';
import type { DataPlane } from './proxy/data-plane.ts';
import type { Upstreams } from './upstreams/upstreams.ts';
import type { GateState } from './proxy/generation.ts';
import { Runtime } from './runtime.ts';
import { actAsSystem, type SystemActor } from './store/actor.ts';
import { inviteState } from './store/invites.ts';
import type { Store } from './store/store.ts';
import type { Telemetry } from './telemetry/telemetry.ts';
import { VERSION } from './version.ts';

const CONSOLE_DIRECTORY = fileURLToPath(new URL('../../../apps/console/dist/', import.meta.url));

/** What a gate is made of. */
export interface GateOptions {
  readonly loaded: LoadedConfig;
  readonly dataDir: string;
  readonly logger: Logger;
  /** Of passes without findings, one in this many is kept for `explain`. */
  readonly passesKeptOneIn: number;
  /** Runs every probe against this gate; absent on a gate that probes examine. */
  readonly posture?: () => Promise<PostureView>;
  /** Where traces and metrics are sent; it is closed with the gate. */
  readonly telemetry?: Telemetry | undefined;
}

/** A gate that is put together and serves nothing yet. */
export interface Gate {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly desk: InviteDesk;
  readonly blockDesk: BlockDesk;
  readonly decisions: DecisionFile;
  readonly dataPlane: DataPlane;
  /** Of the control plane's own listener, where it has one (T1). */
  readonly controlListener: DataPlane | undefined;
  readonly clock: Clock;
  readonly posture: GateOptions['posture'];
  readonly metrics: GateMetrics;
  /** Its `views()` say how targets do. */
  readonly upstreams: Pick<Upstreams, 'views'>;
  /** Who has not confirmed what was changed until now (T11). */
  readonly unconfirmed: StateFeed['unconfirmed'];
  /** The other processes that serve from its store. */
  readonly others: StateFeed['others'];
  readonly inviteState: typeof inviteState;
  /** How it counts limits, and the way to count beside it. */
  readonly counters: Pick<Counters, 'buckets' | 'isShared' | 'another'>;
  /** Puts a configuration in force; open streams are judged again. Problems: nothing changed. */
  reload(loaded: LoadedConfig): Promise<readonly PolicyProblem[]>;
  /** Finishes what runs, writes what waits, ends. */
  close(): Promise<void>;
}

/** The policy does not compile. */
export class PolicyError extends Error {
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    super('the configuration does not compile');
    this.name = 'PolicyError';
    this.problems = problems;
  }
}

/** Puts everything together: the only place that constructs adapters. @throws StoreError, CountersError, KeyError, PolicyError */
export async function composeGate(options: GateOptions): Promise<Gate> {
  const measurements = new Measurements();
  const base = await openBase({ ...options, onOperation: measurements.onOperation });
  try {
    const { counters } = toGatewayConfig(options.loaded);
    return await withCounters(counters, options.logger, (opened) => {
      const counters = watchedCounters(opened, measurements);
      return assemble(options, base, { counters, measurements });
    });
  } catch (cause) {
    await base.store.close(systemClock.nowMs());
    throw cause;
  }
}

/** What is opened before anything else, and watched from then on. */
interface Opened {
  readonly counters: Counters;
  readonly measurements: Measurements;
}

async function assemble(options: GateOptions, base: Base, opened: Opened): Promise<Gate> {
  const parts = await gateParts(options, base, opened);
  const { runtime, store, desk, decisions } = parts;
  const problems = parts.take(options.loaded);
  if (problems.length > 0) throw new PolicyError(problems);
  const drain = { isDraining: false };
  const { planes, feed, isReady } = listeners(parts, drain, () => metrics.read());
  const metrics: GateMetrics = gateMetrics({ ...parts, planes, isReady, feed });
  const housekeeping = housekeepingOf({ ...parts, feed });
  await feed.begin();
  await endWith(parts, planes);
  // They were read before the feed was.
  await parts.keys.reload();
  await feed.start();
  return {
    runtime,
    store,
    desk,
    blockDesk: parts.blocks.desk,
    decisions,
    dataPlane: planes.main,
    controlListener: planes.control,
    clock: systemClock,
    posture: options.posture,
    metrics,
    upstreams: parts.upstreams,
    ...amongOthers(parts, feed),
    reload: (next) => reload(parts, planes, next),
    async close() {
      drain.isDraining = true;
      await Promise.all(planes.all.map((plane) => plane.drain()));
      await feed.stop();
      parts.upstreams.close();
      await metrics.stop();
      parts.counters.close();
      await housekeeping.stop();
      // Counts and times of last use may be lost with a full disk; what was acknowledged is written already.
      const unwritten = (cause: unknown): void =>
        parts.logger.error({ cause }, 'not everything was written at the end');
      await store.close(systemClock.nowMs()).catch(unwritten);
    },
  };
}

/** How the gate stands to other instances, and what operators ask of that. */
function amongOthers({ counters }: GateParts, { unconfirmed, others }: StateFeed) {
  return { counters, unconfirmed, others, inviteState };
}

type Planes = ReturnType<typeof listeners>['planes'];

async function reload(
  { take, sessions, runtime }: GateParts,
  { main, control }: Planes,
  next: LoadedConfig,
): Promise<readonly PolicyProblem[]> {
  const found = take(next);
  if (found.length > 0) return found;
  for (const { authenticator } of sessions.all) authenticator.rolesChanged();
  await main.reauthorise(runtime.current());
  await control?.reauthorise(runtime.control.current());
  return [];
}

/** What a gate's listeners, jobs and reloads stand on. */
type GateParts = Awaited<ReturnType<typeof gateParts>>;

async function gateParts(options: GateOptions, base: Base, { counters, measurements }: Opened) {
  const { loaded, logger, posture, telemetry } = options;
  const { store } = base;
  const config = toGatewayConfig(loaded);
  const { buckets } = counters;
  const upstreams = upstreamsOf((alert) => heard.events.alert(alert));
  const runtime = new Runtime(buckets, upstreams);
  const desk = base.desk(() => runtime.invites());
  const keys = await liveKeys(store);
  const heard = eventParts(options, { store, config, runtime, measurements, counters });
  const { environment } = config;
  const shared = {
    runtime,
    store,
    keys: keys.current,
    reloadKeys: keys.reload,
    csrfKey: base.keys.csrf,
    environment,
    clock: systemClock,
    events: heard.events,
  };
  const main = listenerSessions(shared, 'session');
  const control = config.control === undefined ? undefined : listenerSessions(shared, 'control');
  const sessions = { main, control, all: control === undefined ? [main] : [main, control] };
  const compileFor = ({ audience, authenticator: of }: ListenerSessions, surface: OwnSurface) => {
    const authenticator = heard.apiKeys.beside(of);
    const { book, bursts } = heard.blocks;
    const guards = { authenticator, buckets, owners: store.owners, blocks: book, bursts, quotas: heard.apiKeys.quotas };
    return { guards, audience, ownRoutes: ownRoutes(surface) };
  };
  const take = (next: LoadedConfig): readonly PolicyProblem[] =>
    runtime.take(next, {
      main: compileFor(main, control === undefined ? 'whole' : 'beside-application'),
      control: control === undefined ? undefined : compileFor(control, 'whole'),
    });
  const made = { config, counters, measurements, runtime, upstreams, desk, keys, shared, sessions, store, take };
  return { ...made, ...heard, logger, posture, telemetry };
}

/** The application's listener, the control plane's own if there is one, and the feed of state events that both depend on (T11). */
function listeners(parts: GateParts, drain: { readonly isDraining: boolean }, metrics: Collector) {
  const { config, counters, runtime, shared, sessions, store, events, recording: recorder, logger, blocks } = parts;
  const feed = stateFeed({
    store,
    logger,
    countsWithOthers: counters.isShared,
    config: () => runtime.loaded.config,
    planes: () => planes.all,
  });
  const isReady = (): boolean => {
    const isServing = [store, counters].every((it) => it.failure() === undefined);
    return !drain.isDraining && isServing && serviceAt(feed.staleMs()) === 'everything';
  };
  const own = { ...ownParts(parts), isReady, metrics, unconfirmed: feed.unconfirmed };
  const planeOf = (of: ListenerSessions, state: GateState): DataPlane => {
    const control = listenerControl(of, shared, own);
    const staleMs = (): number => feed.staleMs();
    const { isBlocked } = blocks;
    const heard = { events, recorder, counters, tracer: parts.telemetry?.tracer };
    return listenerPlane(shared, { sessions: of, state, control, ...heard, staleMs, config, isBlocked });
  };
  const main = planeOf(sessions.main, runtime);
  const control = sessions.control === undefined ? undefined : planeOf(sessions.control, runtime.control);
  const planes = { main, control, all: control === undefined ? [main] : [main, control] };
  return { planes, feed, isReady };
}

/** What the gate's own routes stand on, on every listener. */
function ownParts(parts: GateParts) {
  const { desk, counters, events, runtime, decisions, keys, logger, posture, apiKeys, upstreams, blocks } = parts;
  return {
    desk,
    blockDesk: blocks.desk,
    buckets: counters.buckets,
    events,
    keyParts: apiKeys.routes((alert) => events.alert(alert)),
    inviteState,
    actIn,
    grantsOf: (role: string) => runtime.grantsOf(role),
    publicOrigin: () => runtime.publicOrigin(),
    findDecision: (requestId: string) => decisions.find(requestId),
    posture,
    upstreams: () => upstreams.views(),
    jwks: (nowMs: number) => keys.current().jwks(nowMs),
    consoleDirectory: CONSOLE_DIRECTORY,
    version: VERSION,
    reportBug: (cause: unknown, requestId: string) => logger.error({ cause, requestId }, 'a bug in the control plane'),
  };
}

/** The gate itself acting in a tenant. */
export function actIn(tenantId: string): SystemActor {
  return actAsSystem('gate', tenantId);
}
