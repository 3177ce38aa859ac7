import { expect, it } from 'vitest';
import { Stopwatch } from './stopwatch.ts';

function watch(): { readonly watch: Stopwatch; pass(ms: number): void } {
  let nowMs = 1_000;
  return {
    watch: new Stopwatch(() => nowMs),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

it('counts everything as its own while nobody is waited for', () => {
  const { watch: it, pass } = watch();
  pass(2.5);
  expect(it.stop()).toEqual({ totalMs: 2.5, addedMs: 2.5, upstream: undefined, upstreamMs: undefined });
});

it('leaves out what the client and the upstream took', () => {
  const { watch: it, pass } = watch();
  pass(1);
  it.away();
  pass(100);
  it.back();
  pass(2);
  it.sent('app');
  pass(50);
  it.answered();
  pass(4);
  it.away();
  pass(1_000);
  it.back();
  pass(8);
  expect(it.stop()).toEqual({ totalMs: 1_165, addedMs: 15, upstream: 'app', upstreamMs: 50 });
});

it('does not count twice what is said twice', () => {
  const { watch: it, pass } = watch();
  pass(1);
  it.away();
  pass(10);
  it.away();
  pass(10);
  it.back();
  pass(1);
  it.back();
  pass(1);
  expect(it.stop()).toMatchObject({ totalMs: 23, addedMs: 3 });
});

it('says nothing of an answer that never came', () => {
  const { watch: it, pass } = watch();
  pass(1);
  it.sent('app');
  pass(30);
  expect(it.stop()).toEqual({ totalMs: 31, addedMs: 1, upstream: 'app', upstreamMs: undefined });
});

it('stands once it was stopped', () => {
  const { watch: it, pass } = watch();
  pass(1);
  const took = it.stop();
  pass(5);
  it.back();
  expect(it.stop()).toBe(took);
});
