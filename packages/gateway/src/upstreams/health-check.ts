import { checkDelayMs, type HealthPolicy, isHealthyStatus, type ProblemError, type Random } from '@steadygate/core';
import type { UpstreamClient, UpstreamHandler, UpstreamHead } from '../proxy/upstream-client.ts';
import { VERSION } from '../version.ts';
import type { TargetAddress, UpstreamDeps } from './deps.ts';

/** What one check saw. */
export interface CheckResult {
  readonly atMs: number;
  readonly isGood: boolean;
  /** Plain words, without anything that the target sent but its status. */
  readonly detail: string;
  readonly tookMs: number;
}

/** What is read of an answer. More than that is a page, and nobody reads it. */
const BODY_BYTES_MAX = 64 * 1024;
/** The first check comes soon, and not on all targets at once. */
const FIRST_WITHIN_MS = 1_000;

/** How targets are checked. */
export interface HealthCheckOptions {
  readonly address: TargetAddress;
  readonly policy: HealthPolicy;
  readonly deps: UpstreamDeps;
  readonly onResult: (result: CheckResult) => void;
}

/**
 * Asks one target again and again, by connections of its own: those of requests may all be taken.
 *
 * It goes to the target's address and nowhere else: redirects are not followed. It carries no identity, no cookie and no
 * injected field, and nothing of the answer but its status is used.
 */
export class HealthCheck {
  readonly #options: HealthCheckOptions;
  readonly #client: UpstreamClient;
  #cancel: () => void;
  #running: CheckHandler | undefined;
  #isStopped = false;

  constructor(options: HealthCheckOptions) {
    const { address, policy, deps } = options;
    this.#options = options;
    this.#client = deps.createClient({ ...address, connectMs: policy.timeoutMs }, 1);
    const firstMs = Math.min(policy.everyMs, FIRST_WITHIN_MS) * chance(deps.random);
    this.#cancel = deps.after(firstMs, () => this.#check());
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
    this.#running?.tooLate();
    void this.#client.close();
  }

  #check(): void {
    const { deps, policy, address } = this.#options;
    const startedMs = deps.nowMs();
    const onDone = (detail: string, isGood: boolean): void => {
      if (this.#isStopped) return;
      this.#cancel();
      const nowMs = deps.nowMs();
      this.#cancel = deps.after(checkDelayMs(policy.everyMs, chance(deps.random)), () => this.#check());
      this.#options.onResult({ atMs: nowMs, isGood, detail, tookMs: nowMs - startedMs });
    };
    const handler = new CheckHandler(policy, onDone);
    this.#running = handler;
    const headers = ['host', address.host, 'user-agent', `Steadygate-Health/${VERSION}`, 'accept', '*/*'];
    const timeouts = { headersMs: policy.timeoutMs };
    const request = { method: 'GET', target: policy.path, headers, body: undefined, timeouts };
    this.#cancel = deps.after(policy.timeoutMs, () => handler.tooLate());
    handler.attach(this.#client.dispatch(request, handler));
  }
}

/** Judges one answer, once: by its status, when all of it has come. */
class CheckHandler implements UpstreamHandler {
  readonly #policy: HealthPolicy;
  readonly #onDone: (detail: string, isGood: boolean) => void;
  #call: { abort(): void } | undefined;
  #status = 0;
  #bytes = 0;
  #isDone = false;

  constructor(policy: HealthPolicy, onDone: (detail: string, isGood: boolean) => void) {
    this.#policy = policy;
    this.#onDone = onDone;
  }

  attach(call: { abort(): void }): void {
    this.#call = call;
  }

  tooLate(): void {
    this.#done('nothing in time', false);
  }

  onHead({ status }: UpstreamHead): void {
    this.#status = status;
  }

  onData(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > BODY_BYTES_MAX) this.onEnd();
  }

  onEnd(): void {
    this.#done(`status ${this.#status}`, isHealthyStatus(this.#status, this.#policy));
  }

  onError(problem: ProblemError): void {
    if (problem.code === 'upstream-timeout') this.tooLate();
    else this.#done(this.#status === 0 ? 'no answer' : 'half an answer', false);
  }

  #done(detail: string, isGood: boolean): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#onDone(detail, isGood);
    this.#call?.abort();
  }
}

/** 0 to 1, 1 excluded. */
function chance(random: Random): number {
  const [a = 0, b = 0, c = 0] = random.bytes(3);
  return (a * 65_536 + b * 256 + c) / 16_777_216;
}
