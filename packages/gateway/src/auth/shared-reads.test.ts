import { describe, expect, it } from 'vitest';
import { coalesce } from './coalesce.ts';

describe('coalesce', () => {
  it('T24: looks up once for all who ask meanwhile, by key, and anew afterwards', async () => {
    const asked: string[] = [];
    const find = coalesce(async (key: string, at: number) => {
      asked.push(`${key}@${at}`);
      await Promise.resolve();
      return `${key}!`;
    });
    expect(await Promise.all([find('a', 1), find('a', 2), find('b', 3)])).toEqual(['a!', 'a!', 'b!']);
    expect(await find('a', 4)).toBe('a!');
    expect(asked).toEqual(['a@1', 'b@3', 'a@4']);
  });

  it('tells a failure to all who asked, and keeps it for nobody else', async () => {
    let isLost = true;
    const find = coalesce(async (_key: string) => {
      await Promise.resolve();
      if (isLost) throw new Error('lost');
      return 'found';
    });
    const both = await Promise.allSettled([find('a'), find('a')]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isLost = false;
    expect(await find('a')).toBe('found');
  });
});
