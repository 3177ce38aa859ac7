import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScrubber } from './scrub.ts';
import { decodeUtf8, encodeUtf8 } from './secret-forms.ts';

const KEY = 'voice_demo_1f/2+é"k';

function scrubbed(text: string, ...secrets: string[]): string {
  return createScrubber(secrets).text(text);
}

function toBase64(bytes: Uint8Array): string {
  return btoaOf([...bytes]);
}

function btoaOf(bytes: readonly number[]): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = bytes.slice(at, at + 3);
    const word = (a << 16) | (b << 8) | c;
    const chars = [18, 12, 6, 0].map((shift) => alphabet.charAt((word >> shift) & 63));
    text += chars
      .slice(0, bytes.slice(at, at + 3).length + 1)
      .join('')
      .padEnd(4, '=');
  }
  return text;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** Ways to write one character; `pick` chooses among them. */
function spell(char: string, pick: number): string {
  const units = Array.from({ length: char.length }, (_, at) => `\\u${hex(char.charCodeAt(at), 4)}`).join('');
  const percent = [...encodeUtf8(char)].map((byte) => `%${hex(byte, 2)}`).join('');
  const ways = [
    char,
    percent,
    percent.toUpperCase(),
    units,
    units.toUpperCase().replaceAll('\\U', '\\u'),
    JSON.stringify(char).slice(1, -1),
  ];
  return ways[pick % ways.length] ?? char;
}

describe('createScrubber', () => {
  it.each([
    ['plain', KEY],
    ['JSON', JSON.stringify(KEY).slice(1, -1)],
    [
      'JSON with every character escaped',
      Array.from(KEY)
        .map((char) => spell(char, 3))
        .join(''),
    ],
    [
      'JSON in upper case',
      Array.from(KEY)
        .map((char) => spell(char, 4))
        .join(''),
    ],
    ['JSON with an escaped slash', JSON.stringify(KEY).slice(1, -1).replace('/', '\\/')],
    ['encodeURIComponent', encodeURIComponent(KEY)],
    [
      'percent-encoded throughout',
      Array.from(KEY)
        .map((char) => spell(char, 1))
        .join(''),
    ],
    ['a mixture', Array.from(KEY).map(spell).join('')],
  ])('T8: removes a secret that is %s', (_, form) => {
    expect(scrubbed(`{"apiKey":"${form}","x":1}`, KEY)).toBe('{"apiKey":"[secret]","x":1}');
  });

  it.each([0, 1, 2, 3, 4, 5])('T8: removes a secret from Base64 with %i bytes before it', (before) => {
    const inner = [...new Uint8Array(before).fill(120), ...encodeUtf8(KEY), ...encodeUtf8(' and more')];
    const encoded = btoaOf(inner);
    for (const form of [
      encoded,
      encoded.replaceAll('+', '-').replaceAll('/', '_'),
      encodeURIComponent(encoded),
      encoded.replaceAll('/', '\\/'),
    ]) {
      const clean = scrubbed(form, KEY);
      expect(clean).toContain('[secret]');
      expect(clean.length).toBeLessThan(form.length - 10);
    }
  });

  it('reads a plus sign as the space of a form', () => {
    expect(scrubbed('key=two+words+here&x', 'two words here')).toBe('key=[secret]&x');
  });

  it('takes the longest secret where two begin', () => {
    expect(scrubbed('a abcdefghijkl b abcdefgh', 'abcdefgh', 'abcdefghijkl')).toBe('a [secret] b [secret]');
  });

  it('finds a secret that looks like escapes, in any mixture', () => {
    const secret = '%25%25%2525\\u005c';
    expect(scrubbed(`<${secret}>`, secret)).toBe('<[secret]>');
    expect(
      scrubbed(
        `<${Array.from(secret)
          .map((char) => spell(char, 1))
          .join('')}>`,
        secret,
      ),
    ).toBe('<[secret]>');
  });

  it('finds every secret of the text back to back', () => {
    expect(scrubbed('abcdefghabcdefghabcdefg', 'abcdefgh')).toBe('[secret][secret]abcdefg');
    expect(scrubbed('aabcdefgh', 'abcdefgh')).toBe('a[secret]');
  });

  it('gives the same object back when there is nothing to hide', () => {
    const bytes = encodeUtf8('a long answer with "voice" and voice_demo_ and \\n and %20');
    expect(createScrubber([KEY]).all(bytes)).toBe(bytes);
    expect(createScrubber([]).all(bytes)).toBe(bytes);
    expect(scrubbed('\ud800 kept as it is, \u{1F600}', KEY)).toBe('\ud800 kept as it is, \u{1F600}');
    expect(scrubbed(`\ud800é${KEY}ß\u{1F600}`, KEY)).toBe('\ud800é[secret]ß\u{1F600}');
  });

  it('the replacement makes no new secret with what stands around it', () => {
    expect(scrubbed('abcdefghabcdefg', 'abcdefgh', 'abcdefg[')).not.toContain('[');
    const greedy = ['[]', '<>', '()', '*', '~', '#', '|', '!', '?', ';', ':'].join('');
    expect(scrubbed('abcdefgh', 'abcdefgh', greedy)).toBe('*secret*');
  });

  it('refuses to look for a secret of less than 8 bytes', () => {
    expect(() => createScrubber(['sevenby'])).toThrow('shorter than 8 bytes');
    expect(() => createScrubber(['éééé'])).not.toThrow();
  });

  it('holds back only what may be the beginning of a secret', () => {
    const stream = createScrubber(['abcdefgh']).stream();
    expect(decodeUtf8(stream.push(encodeUtf8('data: 1\n\n')))).toBe('data: 1\n\n');
    expect(decodeUtf8(stream.push(encodeUtf8('data: abcd')))).toBe('data: ');
    expect(decodeUtf8(stream.push(encodeUtf8('x')))).toBe('abcdx');
    expect(decodeUtf8(stream.push(encodeUtf8('abc')))).toBe('');
    expect(decodeUtf8(stream.push(encodeUtf8('defgh!')))).toBe('[secret]!');
    expect(decodeUtf8(stream.push(encodeUtf8('abcdefg')))).toBe('');
    expect(decodeUtf8(stream.end())).toBe('abcdefg');
  });

  it('T8: leaves no secret in any form, and the same bytes however the answer is cut', () => {
    const secret = fc.string({
      unit: fc.constantFrom(...Array.from('abAB01+/%\\"u c[é\u{1F600}')),
      minLength: 8,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        fc.array(
          fc.tuple(fc.nat(2), fc.array(fc.nat(5), { minLength: 14, maxLength: 14 }), fc.string({ maxLength: 4 })),
        ),
        fc.array(fc.nat(20)),
        (secrets, parts, cuts) => {
          const text = parts
            .map(
              ([which, picks, noise]) =>
                noise +
                Array.from(secrets[which] ?? '')
                  .map((char, at) => spell(char, picks[at] ?? 0))
                  .join(''),
            )
            .join('');
          const bytes = encodeUtf8(text);
          const clean = createScrubber(secrets).all(bytes);
          for (const one of secrets) expectAbsent(decodeUtf8(clean), one);
          expect(inChunks(createScrubber(secrets), bytes, cuts)).toEqual([...clean]);
          expect(
            inChunks(
              createScrubber(secrets),
              bytes,
              Array.from(bytes, () => 1),
            ),
          ).toEqual([...clean]);
        },
      ),
    );
  });

  it('T8: leaves no secret in Base64, whatever is around it', () => {
    const around = fc.uint8Array({ maxLength: 8 });
    fc.assert(
      fc.property(fc.string({ minLength: 8, maxLength: 40 }), around, around, (secret, before, after) => {
        const encoded = toBase64(Uint8Array.from([...before, ...encodeUtf8(secret), ...after]));
        const clean = scrubbed(encoded, secret);
        expect(clean).toMatch(/[[<(*~#|!?;:]secret/);
        expect(clean.length).toBeLessThanOrEqual(encoded.length);
      }),
    );
  });

  it('takes linear time on text full of beginnings', () => {
    const secret = `${'a'.repeat(30)}b`;
    const bytes = new Uint8Array(50_000).fill(97);
    expect(createScrubber([secret]).all(bytes)).toBe(bytes);
  });
});

function expectAbsent(text: string, secret: string): void {
  expect(text).not.toContain(secret);
  const unescaped = text.replaceAll(/\\u([0-9a-fA-F]{4})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  expect(unescaped).not.toContain(secret);
  const decoded = text.replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
  expect(decoded).not.toContain(secret);
}

function inChunks(scrubber: ReturnType<typeof createScrubber>, bytes: Uint8Array, cuts: readonly number[]): number[] {
  const stream = scrubber.stream();
  const out: number[] = [];
  let at = 0;
  for (const cut of cuts) {
    out.push(...stream.push(bytes.subarray(at, at + cut)));
    at += cut;
  }
  return [...out, ...stream.push(bytes.subarray(at)), ...stream.end()];
}
