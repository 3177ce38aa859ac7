import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEED_START, type FeedEvent, type FeedPosition, nextFeedStep, positionAt } from './feed-position.ts';

function event(seq: number, life = 'a'): FeedEvent {
  return { seq, mark: `${life}${seq}` };
}

function events(from: number, to: number, life?: string): readonly FeedEvent[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => event(from + at, life));
}

const at = (seq: number): FeedPosition => positionAt(event(seq));

describe('nextFeedStep', () => {
  it('hears nothing before the first event', () => {
    expect(nextFeedStep(FEED_START, [])).toEqual({ kind: 'hear', events: [], position: FEED_START });
  });

  it('hears what comes after the event that it knows, and comes as far', () => {
    expect(nextFeedStep(FEED_START, events(1, 3))).toEqual({ kind: 'hear', events: events(1, 3), position: at(3) });
    expect(nextFeedStep(at(3), events(3, 5))).toEqual({ kind: 'hear', events: events(4, 5), position: at(5) });
    expect(nextFeedStep(at(5), events(5, 5))).toEqual({ kind: 'hear', events: [], position: at(5) });
  });

  it.each<[string, FeedPosition, readonly FeedEvent[], string]>([
    ['the events after it are gone, too', at(3), events(5, 9), 'pruned'],
    ['the first events are gone', FEED_START, events(2, 4), 'gap'],
    ['a number is missing', at(3), [event(3), event(4), event(6)], 'gap'],
    ['the database has heard less than the reader', at(9), [], 'rewritten'],
    ['its number is another event now', at(9), events(9, 12, 'b'), 'rewritten'],
  ])('T11: %s: everything is read anew', (_what, position, rows, reason) => {
    expect(nextFeedStep(position, rows)).toEqual({ kind: 'resync', reason });
  });
});

/** What happens to a database between two looks of a reader. */
type Happening =
  | { readonly kind: 'write'; readonly count: number }
  | { readonly kind: 'prune'; readonly kept: number }
  /** A fail-over to a database that lacks the newest events. */
  | { readonly kind: 'rewind'; readonly count: number };

const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('write' as const), count: fc.nat(5) }),
    fc.record({ kind: fc.constant('prune' as const), kept: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('rewind' as const), count: fc.nat(4) }),
  ),
);

/** A table of events whose marks never come twice. */
class Table {
  rows: FeedEvent[] = [];
  /** Everything that holds now, whether its row was pruned or not. */
  truth = new Set<string>();
  #lives = 0;

  apply(happening: Happening): void {
    if (happening.kind === 'prune') this.rows = this.rows.slice(-happening.kept);
    if (happening.kind === 'rewind') {
      // The first row stays: a rewind beyond what is kept is one to an empty table.
      const undone = this.rows.splice(Math.max(1, this.rows.length - happening.count));
      for (const { mark } of undone) this.truth.delete(mark);
    }
    if (happening.kind === 'write') for (let n = 0; n < happening.count; n += 1) this.#write();
  }

  #write(): void {
    this.#lives += 1;
    const written = event((this.rows.at(-1)?.seq ?? 0) + 1, `life${this.#lives}-`);
    this.rows.push(written);
    this.truth.add(written.mark);
  }
}

describe('T11: a reader of the feed', () => {
  it('knows after each look exactly what holds, whatever was written, pruned or undone meanwhile', () => {
    fc.assert(
      fc.property(fc.array(happenings), fc.integer({ min: 2, max: 6 }), (rounds, limit) => {
        const table = new Table();
        let position = FEED_START;
        let known = new Set<string>();
        for (const round of rounds) {
          for (const happening of round) table.apply(happening);
          for (let isAtEnd = false; !isAtEnd;) {
            const rows = table.rows.filter(({ seq }) => seq >= position.seq).slice(0, limit);
            const step = nextFeedStep(position, rows);
            if (step.kind === 'resync') {
              known = new Set(table.truth);
              const newest = table.rows.at(-1);
              position = newest === undefined ? FEED_START : positionAt(newest);
              continue;
            }
            for (const { mark } of step.events) known.add(mark);
            isAtEnd = step.events.length === 0;
            position = step.position;
          }
          expect(known).toEqual(table.truth);
        }
      }),
    );
  });
});
