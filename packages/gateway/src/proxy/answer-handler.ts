import { ProblemError } from '@steadygate/core';
import { forwardedHeaders } from './answer-headers.ts';
import { AnswerPump } from './answer-pump.ts';
import type { BodyFilter } from './answer-pump.ts';
import { headRefusal, isClientError, isEventStream } from './answer-rule.ts';
import type { AnswerRule } from './answer-rule.ts';
import { bodyFilter } from './event-filter.ts';
import type { Admitted, Exchange } from './exchange.ts';
import { answerFailure } from './own-answer.ts';
import type { Plane } from './plane.ts';
import type { Deadline } from './pulse.ts';
import { operationOf, reauthorised } from './reauthorise.ts';
import { claimCreated, filterListed, releaseDeleted, tellUnclaimed } from './settle.ts';
import type { Settlement } from './settle.ts';
import type { PooledCall } from '../upstreams/pooled-call.ts';
import type { UpstreamCall, UpstreamHandler, UpstreamHead } from './upstream-client.ts';

/** An answer that must be seen whole may have 1 MiB (T8). */
const BUFFERED_BYTES_MAX = 1024 * 1024;

/** Everything about one forwarded request that its answer needs. */
export interface Forwarding {
  readonly exchange: Exchange;
  readonly admitted: Admitted;
  readonly rule: AnswerRule;
  readonly nowMs: number;
}

/** Takes an upstream's answer to its caller, by the rule for it: streamed, or held until it is settled. */
export class AnswerHandler implements UpstreamHandler {
  readonly #plane: Plane;
  readonly #forwarding: Forwarding;
  #call: UpstreamCall | undefined;
  #head: UpstreamHead | undefined;
  #pump: AnswerPump | undefined;
  /** The first piece of an answer that may be at its end already. */
  #first: Buffer | undefined;
  #chunks: Buffer[] | undefined;
  #size = 0;
  #unregister: (() => void) | undefined;
  #admitted: Admitted;
  #isDone = false;
  #hasEnd = false;
  #deadline: Deadline | undefined;

  constructor(plane: Plane, forwarding: Forwarding) {
    this.#plane = plane;
    this.#forwarding = forwarding;
    this.#admitted = forwarding.admitted;
  }

  /** The call that this handles; heads never arrive before it is known. */
  attach(call: PooledCall): void {
    this.#call = call;
    const { exchange, rule } = this.#forwarding;
    if (this.#isDone) return;
    exchange.onLeave(() => {
      this.#unregister?.();
      this.#pump?.stop();
      // T4: an object that is being made gets its owner, and a deleted one its tombstone, though nobody waits any more. What was not
      // sent yet makes and deletes nothing.
      if (rule.mustFinish && !call.withdraw()) return;
      this.#deadline?.cancel();
      call.abort();
    });
  }

  onHead(head: UpstreamHead): void {
    const { exchange, rule } = this.#forwarding;
    exchange.watch.answered();
    const reason = headRefusal(head, rule, exchange.generation);
    this.#head = head;
    const isHeld = rule.kind !== 'pass' || rule.mustFinish;
    if (reason !== undefined) this.#refuse(reason);
    else if (isHeld) this.#hold();
    else this.#start(head);
    // Most answers end as they begin, and need no second look at the clock.
    queueMicrotask(() => this.#goesOn());
  }

  #goesOn(): void {
    const { exchange } = this.#forwarding;
    if (this.#hasEnd || this.#isDone || exchange.isOver) return;
    exchange.watch.away();
    if (this.#chunks !== undefined) return;
    this.#toPump();
    // One that goes on, whatever its type, must not outlive what admitted it (T11).
    if (this.#pump !== undefined && this.#unregister === undefined) this.#register('answer');
  }

  #hold(): void {
    const { exchange } = this.#forwarding;
    this.#chunks = [];
    this.#deadline = this.#plane.pulse.watch(exchange.generation.timeouts.bodyIdleMs, () => {
      this.onError(new ProblemError('upstream-timeout'));
      this.#call?.abort();
    });
  }

  onData(chunk: Buffer): void {
    const { watch } = this.#forwarding.exchange;
    const wasAway = watch.isAway;
    if (wasAway) watch.back();
    this.#take(chunk);
    if (wasAway) watch.away();
  }

  #take(chunk: Buffer): void {
    if (this.#chunks === undefined) {
      this.#pass(chunk);
      return;
    }
    this.#deadline?.touch();
    this.#size += chunk.length;
    if (this.#size > BUFFERED_BYTES_MAX) this.#refuse('answer too large');
    else this.#chunks.push(chunk);
  }

  /** Head, body and end of a short answer are one write, so its first piece waits for the end of the turn. */
  #pass(chunk: Buffer): void {
    if (this.#pump === undefined && this.#first === undefined) {
      this.#first = chunk;
      return;
    }
    this.#toPump()?.data(chunk);
  }

  onEnd(): void {
    const { exchange } = this.#forwarding;
    exchange.watch.back();
    this.#hasEnd = true;
    this.#deadline?.cancel();
    if (this.#chunks === undefined) {
      exchange.onLeave(undefined);
      this.#unregister?.();
      this.#end();
      return;
    }
    void this.#settle(Buffer.concat(this.#chunks)).catch((cause: unknown) => this.#fail(cause));
  }

  onError(problem: ProblemError): void {
    this.#forwarding.exchange.watch.back();
    this.#tellUnclaimed('the answer broke off');
    this.#fail(problem);
  }

  #start(head: UpstreamHead): void {
    const { exchange, rule } = this.#forwarding;
    const isStream = isEventStream(head.headers);
    if (isStream && !this.#takeShare()) return;
    if (!exchange.writeHead(head.status, forwardedHeaders(exchange, head, rule))) {
      this.#call?.abort();
      return;
    }
    if (isStream) {
      this.#pumpFor({ isStream });
      // A reader must see at once that its stream is open; its record must not wait for the end.
      exchange.response.flushHeaders();
      exchange.record();
      this.#register('stream');
    } else if (exchange.generation.scrubber !== undefined) this.#pumpFor({ isStream });
  }

  #pumpFor({ isStream }: { isStream: boolean }): AnswerPump | undefined {
    const { exchange } = this.#forwarding;
    if (this.#call === undefined) return undefined;
    this.#pump = new AnswerPump(exchange, this.#call, {
      pulse: this.#plane.pulse,
      idleMs: exchange.generation.timeouts.bodyIdleMs,
      mayBeSilent: isStream,
      filter: this.#filter(isStream),
    });
    return this.#pump;
  }

  /** The pump of an answer that goes on, with what came of it so far. */
  #toPump(): AnswerPump | undefined {
    const pump = this.#pump ?? this.#pumpFor({ isStream: false });
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) pump?.data(first);
    return pump;
  }

  #end(): void {
    const { exchange } = this.#forwarding;
    if (this.#pump !== undefined) this.#pump.end();
    else if (!this.#isDone) exchange.end(this.#first);
  }

  /** False when the caller holds as many streams as one may. */
  #takeShare(): boolean {
    try {
      this.#unregister = this.#plane.shares.take(this.#admitted);
      return true;
    } catch (cause) {
      this.#fail(cause);
      this.#call?.abort();
      return false;
    }
  }

  #register(kind: 'stream' | 'answer'): void {
    const { exchange } = this.#forwarding;
    const giveBack = this.#unregister;
    const leave = this.#plane.streams.add({
      kind,
      principal: this.#admitted.decision.principal,
      objects: () => operationOf(this.#admitted)?.pathIds ?? [],
      generation: exchange.generation,
      reauthorise: async (generation) => {
        const admitted = await reauthorised(this.#admitted, generation);
        if (admitted !== undefined) this.#admitted = admitted;
        return admitted !== undefined;
      },
      close: () => {
        this.#isDone = true;
        this.#pump?.stop();
        if (kind === 'stream') exchange.response.end();
        // It must not look complete.
        else exchange.response.destroy();
        this.#call?.abort();
        this.#unregister?.();
      },
    });
    this.#unregister = () => {
      leave();
      giveBack?.();
    };
    // It may have been ended as it registered.
    if (this.#isDone) this.#unregister();
  }

  #filter(isStream: boolean): BodyFilter | undefined {
    const { exchange, rule } = this.#forwarding;
    const { owners } = this.#plane.deps;
    const { principal } = this.#admitted.decision;
    const events = { events: () => operationOf(this.#admitted)?.events, owners, principal };
    return bodyFilter(exchange.generation.scrubber, isStream && rule.filtersEvents ? events : undefined);
  }

  async #settle(bytes: Buffer): Promise<void> {
    const { exchange, rule } = this.#forwarding;
    const head = this.#head;
    if (head === undefined) return;
    const settled = await this.#settled(head, bytes);
    const scrubbed = exchange.generation.scrubber?.all(settled) ?? settled;
    const headers = forwardedHeaders(exchange, head, rule);
    const length = head.status === 204 ? [] : ['content-length', String(scrubbed.length)];
    exchange.onLeave(undefined);
    if (exchange.writeHead(head.status, [...headers, ...length])) exchange.end(scrubbed);
  }

  async #settled(head: UpstreamHead, bytes: Uint8Array): Promise<Uint8Array> {
    const { rule } = this.#forwarding;
    const { deps } = this.#plane;
    const settlement = this.#settlement();
    const isGood = head.status >= 200 && head.status < 300;
    if (isGood && settlement.operation.deletes) await releaseDeleted(deps, settlement);
    if (isClientError(head.status) || head.status === 204 || rule.kind === 'pass') return bytes;
    if (rule.kind === 'claim') await claimCreated(deps, settlement, bytes);
    return settlement.operation.lists.length > 0 ? filterListed(deps, settlement, bytes) : bytes;
  }

  #settlement(): Settlement {
    const { admitted, exchange, nowMs } = this.#forwarding;
    const { principal } = admitted.decision;
    const operation = operationOf(admitted);
    // The ownership guard lets nobody without a principal get here.
    if (operation === undefined || principal === undefined) throw new ProblemError('not-found');
    return { operation, principal, requestId: exchange.requestId, nowMs };
  }

  /** T4: what was made and cannot be claimed is nobody's until an operator assigns it. */
  #tellUnclaimed(reason: string): void {
    const { exchange, rule } = this.#forwarding;
    const isMade = this.#head !== undefined && this.#head.status < 400;
    if (rule.kind === 'claim' && isMade && !this.#isDone) tellUnclaimed(this.#plane.deps, exchange.requestId, reason);
  }

  #refuse(reason: string): void {
    this.#tellUnclaimed(reason);
    this.#fail(new ProblemError('answer-refused', {}, { cause: new Error(`Withheld: ${reason}`) }));
    this.#call?.abort();
  }

  #fail(cause: unknown): void {
    if (this.#isDone) return;
    this.#isDone = true;
    const { exchange } = this.#forwarding;
    this.#deadline?.cancel();
    this.#unregister?.();
    this.#pump?.stop();
    exchange.onLeave(undefined);
    if (!exchange.isOver) answerFailure(exchange, cause);
  }
}
