import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseFilter, type SsePiece } from './sse.ts';

function run(chunks: readonly string[], eventCharsMax = 1024): { pieces: SsePiece[]; overflowed: boolean } {
  const filter = createSseFilter({ eventCharsMax });
  const pushed = chunks.map((chunk) => filter.push(chunk));
  return { pieces: pushed.flatMap(({ pieces }) => pieces), overflowed: pushed.some(({ overflowed }) => overflowed) };
}

function textOf(...chunks: string[]): string {
  return run(chunks)
    .pieces.map(({ text }) => text)
    .join('');
}

describe('createSseFilter', () => {
  it('gives whole events, written anew', () => {
    const { pieces } = run(['event: token\nid: 7\nretry: 50\ndata: {"a":1}\ndata:  b\nfoo: bar\n\n']);
    expect(pieces).toEqual([
      { kind: 'event', data: '{"a":1}\n b', text: 'event: token\nid: 7\nretry: 50\ndata: {"a":1}\ndata:  b\n\n' },
    ]);
  });

  it.each([
    ['data: a\r\n\r\ndata: b\r\rdata: c\n\n', 'data: a\n\ndata: b\n\ndata: c\n\n'],
    ['\u{FEFF}data: a\n\n', 'data: a\n\n'],
    ['data:a\n\n', 'data: a\n\n'],
    ['data\ndata\n\n', 'data: \ndata: \n\n'],
    ['data\n\n', ''],
    [': the secret of somebody\n\n', ':\n\n'],
    ['id: 9\nretry: 1\n\ndata: a\n\n', 'data: a\n\n'],
    ['id: a\0b\nretry: soon\ndata: a\n\n', 'data: a\n\n'],
    ['data: unfinished\n', ''],
    ['data: unfinished', ''],
    ['', ''],
  ])('reads %j', (text, expected) => {
    expect(textOf(text)).toBe(expected);
  });

  it('takes a CRLF that is cut in two for one line end', () => {
    expect(textOf('data: a\r', '\ndata: b\r', '\n\r', '\n')).toBe('data: a\ndata: b\n\n');
  });

  it('T7: a dropped event leaves neither its id nor its retry behind', () => {
    const { pieces } = run(['id: 1\nretry: 9\ndata: theirs\n\n', 'data: mine\n\n']);
    const kept = pieces.filter(({ data }) => data === 'mine');
    expect(kept.map(({ text }) => text)).toEqual(['data: mine\n\n']);
  });

  it('ends at an event that is too large, and gives nothing after it', () => {
    const filter = createSseFilter({ eventCharsMax: 10 });
    expect(filter.push('data: a\n\ndata: 12').overflowed).toBe(false);
    expect(filter.push('345')).toEqual({ pieces: [], overflowed: true });
    expect(filter.push('\n\ndata: b\n\n')).toEqual({ pieces: [], overflowed: true });
    expect(run(['data: 12\ndata: 34\n\ndata: b\n\n'], 10)).toEqual({ pieces: [], overflowed: true });
  });

  it('has a limit of 1 MiB by default', () => {
    const filter = createSseFilter();
    expect(filter.push(`data: ${'x'.repeat(1024 * 1024 - 6)}`).overflowed).toBe(false);
    expect(filter.push('x').overflowed).toBe(true);
  });

  it('lets heartbeats go on for ever', () => {
    expect(run([':\n'.repeat(100)], 10)).toMatchObject({ overflowed: false, pieces: { length: 100 } });
  });

  it('gives the same however the stream is cut', () => {
    const token = fc.constantFrom(
      'data: x',
      'data:',
      'id: 1',
      ':c',
      'event: e',
      'retry: 5',
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      '\u{FEFF}',
      '{"a":1}',
      'long long',
    );
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 40 }),
        fc.array(fc.nat(30)),
        fc.integer({ min: 5, max: 60 }),
        (tokens, cuts, max) => {
          const whole = tokens.join('');
          const chunks: string[] = [];
          let rest = whole;
          for (const cut of cuts) {
            chunks.push(rest.slice(0, cut));
            rest = rest.slice(cut);
          }
          expect(run([...chunks, rest], max)).toEqual(run([whole], max));
          expect(run(Array.from(whole), max)).toEqual(run([whole], max));
        },
      ),
    );
  });

  it('what it writes reads as itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const once = textOf(`${text}\n\n`);
        expect(textOf(once)).toBe(once);
      }),
    );
  });
});
