import { chooseTarget, nextPass } from '@steadygate/core';
import type { UpstreamHandler, UpstreamRequest, UpstreamSocketRequest } from '../proxy/upstream-client.ts';
import { PooledCall } from './pooled-call.ts';
import { SocketOpening } from './socket-opening.ts';
import type { Target } from './target.ts';
import type { UpstreamState } from './upstream-state.ts';

const NONE: readonly Target[] = [];

/**
 * The targets of one upstream in one generation. Requests, streams and sockets all enter here; each finds a target, and counts as in
 * flight until it ends.
 */
export class UpstreamPool {
  readonly state: UpstreamState;
  readonly targets: readonly Target[];
  readonly #first: Target;

  /** @param targets at least one */
  constructor(state: UpstreamState, targets: readonly Target[]) {
    const [first] = targets;
    if (first === undefined) throw new Error(`upstream ${state.name} has no target`);
    this.state = state;
    this.targets = targets;
    this.#first = first;
  }

  /** The `host` that requests are written with; a target with another one gets its own. */
  get host(): string {
    return this.#first.address.host;
  }

  /**
   * Sends one request to a target, when there is room. Never throws; beside what `UpstreamClient` gives, `onError` may get
   * `upstream-busy` and `upstream-unavailable`.
   */
  dispatch(request: UpstreamRequest, handler: UpstreamHandler): PooledCall {
    const call = new PooledCall(this, request, handler);
    this.state.enter(call);
    return call;
  }

  /** Opens a socket to a target, when there is room. */
  openSocket(request: UpstreamSocketRequest): SocketOpening {
    const opening = new SocketOpening(this, request);
    this.state.enter(opening);
    return opening;
  }

  /** The target for a request. */
  choose(): Target {
    return this.targets.length === 1 ? this.#first : (this.#next(NONE) ?? this.#first);
  }

  /** Where a request goes that has failed on `tried`; undefined: nowhere, and its failure stands. */
  chooseAgain(tried: readonly Target[]): Target | undefined {
    const { retry } = this.state.policy;
    if (retry === undefined || tried.length > retry.attempts) return undefined;
    const target = this.#next(tried);
    return target !== undefined && this.state.takeRetry() ? target : undefined;
  }

  isFailure(status: number): boolean {
    const { failureStatuses } = this.state.policy;
    return failureStatuses.length > 0 && failureStatuses.includes(status);
  }

  #next(tried: readonly Target[]): Target | undefined {
    const { state } = this;
    const { balance } = state.policy;
    const choice = { balance, nowMs: state.deps.nowMs(), tried, onlyInService: tried.length > 0 };
    const target = chooseTarget(this.targets, choice);
    if (target === undefined) return undefined;
    const floor = Math.max(state.floor, target.pass);
    target.pass = nextPass(target, state.floor);
    state.floor = floor;
    return target;
  }
}
