import { expect, it } from 'vitest';
import { runAnew } from './run-anew.ts';

const turn = () => new Promise((resolve) => void setImmediate(resolve));

it('gives whoever calls a run that began after the call, and runs no two at once', async () => {
  const runs: PromiseWithResolvers<void>[] = [];
  const anew = runAnew(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  const done: string[] = [];
  const call = (name: string) => anew().then(() => done.push(name));
  const calls = [call('a'), call('b')];
  await turn();
  calls.push(call('c'), call('d'));
  await turn();
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await turn();
  expect([runs.length, done]).toEqual([2, ['a', 'b']]);
  runs[1]?.resolve();
  await Promise.all(calls);
  expect([runs.length, done]).toEqual([2, ['a', 'b', 'c', 'd']]);
});

it('tells a failure to those whose run it was, and runs again', async () => {
  let isLost = true;
  const anew = runAnew(async () => {
    if (isLost) throw new Error('lost');
  });
  const both = await Promise.allSettled([anew(), anew()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isLost = false;
  await expect(anew()).resolves.toBeUndefined();
});
