import { createSseFilter, outboundId } from '@steadygate/core';
import type { Operation, Owners, Principal, Scrubber } from '@steadygate/core';
import type { BodyFilter } from './answer-pump.ts';
import { nameOf } from './settle.ts';

type Events = NonNullable<Operation['events']>;

/** Whose events may pass. */
export interface EventFilterOptions {
  /** Read for each event: after a reload the new declaration counts. */
  events(): Events | undefined;
  readonly owners: Owners;
  readonly principal: Principal | undefined;
}

/** Whether a message or event may come down to this caller (T7). Synchronous while owners come from the cache. */
export function mayComeDown(options: EventFilterOptions, text: string): boolean | Promise<boolean> {
  const events = options.events();
  const { principal } = options;
  if (events === undefined || principal === undefined) return false;
  const id = outboundId(events, text);
  if (id === undefined) return false;
  const owner = options.owners.ownerOf(nameOf(events.resource, id, principal.tenantId));
  if (owner instanceof Promise) return owner.then((ownerId) => ownerId === principal.userId);
  return owner === principal.userId;
}

/** Lets only the caller's own events through, whole, in order, and never more than one event late. */
function createEventFilter(options: EventFilterOptions): BodyFilter {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const cut = createSseFilter();
  return {
    async push(chunk) {
      const { pieces, overflowed } = cut.push(decoder.decode(chunk, { stream: true }));
      // Not decided yet, though it may have been sent: an event too large to judge ends the stream.
      if (overflowed) return undefined;
      let kept = '';
      for (const piece of pieces) {
        // In order, though the owners of one event may take longer to find than those of the next.
        if (piece.kind === 'comment' || (await mayComeDown(options, piece.data))) kept += piece.text;
      }
      return Buffer.from(kept);
    },
    end: () => Buffer.alloc(0),
  };
}

/** What a body goes through on its way down: events of others are dropped first, then secrets removed. */
export function bodyFilter(
  scrubber: Scrubber | undefined,
  events: EventFilterOptions | undefined,
): BodyFilter | undefined {
  const scrub = scrubber === undefined ? undefined : createScrubFilter(scrubber);
  if (events === undefined) return scrub;
  const filter = createEventFilter(events);
  return scrub === undefined ? filter : chained(filter, scrub);
}

/** Removes secrets from a streamed body. */
function createScrubFilter(scrubber: Scrubber): BodyFilter {
  const stream = scrubber.stream();
  return { push: (chunk) => stream.push(chunk), end: () => stream.end() };
}

/** One filter after the other. */
function chained(first: BodyFilter, second: BodyFilter): BodyFilter {
  return {
    async push(chunk) {
      const between = await first.push(chunk);
      return between === undefined ? undefined : second.push(Buffer.from(between));
    },
    end: () => Buffer.concat([first.end(), second.end()]),
  };
}
