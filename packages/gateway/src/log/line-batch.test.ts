import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LineBatch } from './line-batch.ts';

it('writes the lines of one turn in one piece, in their order, and none twice', async () => {
  const written: string[] = [];
  const batch = new LineBatch({ write: (text) => written.push(text) });
  for (const line of ['a\n', 'b\n', 'c\n']) batch.write(line);
  expect(written).toEqual([]);
  await turn();
  expect(written).toEqual(['a\nb\nc\n']);
  batch.write('d\n');
  await turn();
  await turn();
  expect(written).toEqual(['a\nb\nc\n', 'd\n']);
});

it('keeps no more than a batch, and gives all at the end', async () => {
  const written: string[] = [];
  const batch = new LineBatch({ write: (text) => written.push(text) });
  batch.write('a'.repeat(70_000));
  expect(written).toHaveLength(1);
  batch.write('last\n');
  batch.flush();
  await turn();
  expect(written.slice(1)).toEqual(['last\n']);
});
