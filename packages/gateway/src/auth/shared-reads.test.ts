import { describe, expect, it } from 'vitest';
import { SharedReads } from './shared-reads.ts';

const same = (value: string): string => value;

describe('SharedReads', () => {
  it('T24: looks up once for all who ask meanwhile, by key, and anew afterwards', async () => {
    const asked: string[] = [];
    const reads = new SharedReads(async (key: string, at: number) => {
      asked.push(`${key}@${at}`);
      await Promise.resolve();
      return `${key}!`;
    });
    expect(await Promise.all([reads.read('a', same, 1), reads.read('a', same, 2), reads.read('b', same, 3)])).toEqual([
      'a!',
      'a!',
      'b!',
    ]);
    expect(await reads.read('a', same, 4)).toBe('a!');
    expect(asked).toEqual(['a@1', 'b@3', 'a@4']);
  });

  it('tells a failure to all who asked, and keeps it for nobody else', async () => {
    let isLost = true;
    const reads = new SharedReads(async (_key: string) => {
      await Promise.resolve();
      if (isLost) throw new Error('lost');
      return 'found';
    });
    const both = await Promise.allSettled([reads.read('a', same), reads.read('a', same)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isLost = false;
    expect(await reads.read('a', same)).toBe('found');
  });

  it('T11: gives nobody an answer that is older than a change, neither who asked before it nor who joins after it', async () => {
    const answers: PromiseWithResolvers<string>[] = [];
    const reads = new SharedReads(async (_key: string) => {
      const answer = Promise.withResolvers<string>();
      answers.push(answer);
      return answer.promise;
    });
    const first = reads.read('a', same);
    reads.changed();
    const second = reads.read('a', same);
    expect(answers).toHaveLength(2);
    answers[0]?.resolve('old');
    // The first one has joined the second by then.
    await new Promise((resolve) => void setImmediate(resolve));
    answers[1]?.resolve('new');
    expect(await Promise.all([first, second])).toEqual(['new', 'new']);
    expect(answers).toHaveLength(2);
  });
});
