import { describe, expect, it } from 'vitest';
import { NOW } from '../../test/fixtures.ts';
import { blockMs, nextLevel } from './growth.ts';

const DAY = 86_400_000;
const STEPS = [60_000, 300_000, 1_800_000];

describe('how blocks grow', () => {
  it.each([
    ['the first', undefined, 1],
    ['one soon after another', { level: 1, untilMs: NOW - 1 }, 2],
    ['one within a day', { level: 2, untilMs: NOW - DAY + 1 }, 3],
    ['one after a quiet day', { level: 5, untilMs: NOW - DAY }, 1],
  ])('%s', (_, past, level) => {
    expect(nextLevel(past, NOW, DAY)).toBe(level);
  });

  it.each([
    [1, 60_000],
    [2, 300_000],
    [3, 1_800_000],
    [4, 1_800_000],
    [400, 1_800_000],
  ])('level %i lasts %i ms', (level, ms) => {
    expect(blockMs(level, STEPS)).toBe(ms);
  });

  it('without steps nothing lasts', () => {
    expect(blockMs(1, [])).toBe(0);
  });
});
