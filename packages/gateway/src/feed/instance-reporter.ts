import type { Instance, Instances } from '../store/instances.ts';
import { runAnew } from './run-anew.ts';

/** Without news a process still says that often that it is there. */
const REPORT_MS = 1_000;

export interface InstanceReporterDeps {
  readonly instances: Pick<Instances, 'isShared' | 'report' | 'leave'>;
  /** What of this process stays the same while it has one configuration. */
  readonly self: () => Omit<Instance, 'seenSeq' | 'seenAtMs'>;
  readonly nowMs: () => number;
  /** Hears once that reports fail, until one succeeds. */
  readonly onError: (cause: unknown) => void;
}

/** Says in the store how far this process has heard and acted: whoever revokes something waits for that (T11). */
export class InstanceReporter {
  readonly #deps: InstanceReporterDeps;
  readonly #reportAnew = runAnew(() => this.#report());
  #seenSeq = 0;
  #reported = { seq: -1, atMs: Number.NEGATIVE_INFINITY };
  #isFailing = false;

  constructor(deps: InstanceReporterDeps) {
    this.#deps = deps;
  }

  /** Everything up to this number is known and acted on. */
  looked(seq: number): void {
    if (!this.#deps.instances.isShared) return;
    this.#seenSeq = seq;
    const isDue = this.#deps.nowMs() - this.#reported.atMs >= REPORT_MS;
    if (isDue || seq !== this.#reported.seq) void this.#reportAnew();
  }

  /** Says that it is there, before it does anything that others should know of. */
  async arrive(): Promise<void> {
    if (this.#deps.instances.isShared) await this.#reportAnew();
  }

  /** Serves nobody any more: nobody has to wait for it. */
  async leave(): Promise<void> {
    const { instances, self, onError } = this.#deps;
    if (!instances.isShared) return;
    await this.#reportAnew();
    await instances.leave(self().id).catch(onError);
  }

  async #report(): Promise<void> {
    const { instances, self, nowMs } = this.#deps;
    const report = { seenSeq: this.#seenSeq, seenAtMs: nowMs() };
    try {
      await instances.report({ ...self(), ...report });
      this.#reported = { seq: report.seenSeq, atMs: report.seenAtMs };
      this.#isFailing = false;
    } catch (cause) {
      if (!this.#isFailing) this.#deps.onError(cause);
      this.#isFailing = true;
    }
  }
}
