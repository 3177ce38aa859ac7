import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutAt, readByNode, readPieces } from '../../../test/answer-recorder.ts';

const whole = (text: string, options = {}) => readPieces([Buffer.from(text, 'latin1')], options);
const bytewise = (text: string, options = {}) =>
  readPieces(
    [...Buffer.from(text, 'latin1')].map((octet) => Buffer.from([octet])),
    options,
  );

const OK = 'HTTP/1.1 200 OK\r\n';
const chunked = (body: string): string => `${OK}Transfer-Encoding: chunked\r\n\r\n${body}`;

const HOSTILE: Readonly<Record<string, string>> = {
  'a length beside a coding': `${OK}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'a coding before a length': `${OK}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`,
  'two lengths': `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
  'the same length twice': `${OK}Content-Length: 1\r\ncontent-length: 1\r\n\r\na`,
  'a list of lengths': `${OK}Content-Length: 1, 1\r\n\r\na`,
  'a signed length': `${OK}Content-Length: +1\r\n\r\na`,
  'a negative length': `${OK}Content-Length: -1\r\n\r\na`,
  'a length in hexadecimal': `${OK}Content-Length: 0x1\r\n\r\na`,
  'a length with a space inside': `${OK}Content-Length: 1 0\r\n\r\n0123456789`,
  'an empty length': `${OK}Content-Length:\r\n\r\n`,
  'a length that overflows': `${OK}Content-Length: 18446744073709551617\r\n\r\na`,
  'a coding that is a list': `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'chunked twice': `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  'two codings': `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'identity and chunked': `${OK}Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'identity, which was never a coding on the wire': `${OK}Transfer-Encoding: identity\r\n\r\n`,
  'an unknown coding': `${OK}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'a tab behind a coding': `${OK}Transfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n`,
  'a tab before a coding': `${OK}Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n`,
  'a space behind a length': `${OK}Content-Length: 1 \r\n\r\na`,
  'an empty coding': `${OK}Transfer-Encoding:\r\n\r\n0\r\n\r\n`,
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a folded line': `${OK}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`,
  'a folded length': `${OK}Content-Length:\r\n 1\r\n\r\na`,
  'a folded first line': `${OK} Content-Length: 1\r\n\r\na`,
  'a space before a colon': `${OK}Content-Length : 1\r\n\r\na`,
  'a tab before a colon': `${OK}Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n`,
  'no name': `${OK}: x\r\n\r\n`,
  'no colon': `${OK}Content-Length\r\n\r\n`,
  'a name that is no token': `${OK}Content(Length: 1\r\n\r\na`,
  'a line feed alone': `${OK}X: a\nContent-Length: 0\r\n\r\n`,
  'line feeds alone': 'HTTP/1.1 200 OK\nContent-Length: 0\n\n',
  'a carriage return alone': `${OK}X: a\rContent-Length: 0\r\n\r\n`,
  'a carriage return before a line end': `${OK}X: a\r\r\nContent-Length: 0\r\n\r\n`,
  'a NUL in a value': `${OK}X: a\0b\r\n\r\n`,
  'a NUL in a name': `${OK}X\0: a\r\n\r\n`,
  'a NUL in the reason': 'HTTP/1.1 200 O\0K\r\n\r\n',
  'an escape in a value': `${OK}X: \u001b[2J\r\n\r\n`,
  'a delete in a value': `${OK}X: a\u007f\r\n\r\n`,
  'HTTP/2': 'HTTP/2 200\r\n\r\n',
  'HTTP/2.0': 'HTTP/2.0 200 OK\r\n\r\n',
  'HTTP/1.2': 'HTTP/1.2 200 OK\r\n\r\n',
  'HTTP/0.9': '<html>hello</html>\r\n\r\n',
  'a lower-case protocol': 'http/1.1 200 OK\r\n\r\n',
  'another protocol': 'ICY 200 OK\r\n\r\n',
  'TLS where none is': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
  'an empty line before the head': `\r\n${OK}Content-Length: 0\r\n\r\n`,
  'a status of two digits': 'HTTP/1.1 20 OK\r\n\r\n',
  'a status of four digits': 'HTTP/1.1 2000 OK\r\n\r\n',
  'a status of 0': 'HTTP/1.1 000 OK\r\n\r\n',
  'a status above 599': 'HTTP/1.1 600 OK\r\n\r\n',
  'two spaces before the status': 'HTTP/1.1  200 OK\r\n\r\n',
  'a tab before the status': 'HTTP/1.1\t200 OK\r\n\r\n',
  'a switch of protocols': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  'an interim answer with a length': `HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n${OK}\r\n`,
  'an interim answer in chunks': `HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${OK}\r\n`,
  'an interim answer of HTTP/1.0': `HTTP/1.0 100 Continue\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
  'too many interim answers': `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(17)}${OK}\r\n`,
  'too many fields': `${OK}${'X: y\r\n'.repeat(201)}\r\n`,
  'too large a head': `${OK}X: ${'y'.repeat(33_000)}\r\n\r\n`,
  'no chunk size': chunked('\r\n'),
  'a chunk size that is none': chunked('g\r\na\r\n0\r\n\r\n'),
  'a chunk size with a sign': chunked('+1\r\na\r\n0\r\n\r\n'),
  'a chunk size with 0x': chunked('0x1\r\na\r\n0\r\n\r\n'),
  'a chunk size that overflows': chunked('100000001\r\na\r\n0\r\n\r\n'),
  'a chunk size of many zeros': chunked('0000000001\r\na\r\n0\r\n\r\n'),
  'a space before a chunk size': chunked(' 1\r\na\r\n0\r\n\r\n'),
  'a space after a chunk size': chunked('1 \r\na\r\n0\r\n\r\n'),
  'a space before an extension': chunked('1 ;x\r\na\r\n0\r\n\r\n'),
  'a tab after a chunk size': chunked('1\t\r\na\r\n0\r\n\r\n'),
  'a line feed alone after a chunk size': chunked('1\na\r\n0\r\n\r\n'),
  'a carriage return inside an extension': chunked('1;a\rb\r\na\r\n0\r\n\r\n'),
  'a NUL inside an extension': chunked('1;a\0b\r\na\r\n0\r\n\r\n'),
  'an extension without a name': chunked('1;\r\na\r\n0\r\n\r\n'),
  'an extension without a value': chunked('1;a=\r\na\r\n0\r\n\r\n'),
  'a quoted value without end': chunked('1;a="b\r\na\r\n0\r\n\r\n'),
  'an extension without end': chunked(`1;${'x'.repeat(5000)}\r\na\r\n0\r\n\r\n`),
  'extensions without end': chunked(`1;${'x'.repeat(4000)}\r\na\r\n`.repeat(5)),
  'a chunk longer than its size': chunked('1\r\nab\r\n0\r\n\r\n'),
  'a chunk shorter than its size': chunked('3\r\nab\r\n0\r\n\r\n'),
  'a line feed alone after a chunk': chunked('1\r\na\n0\r\n\r\n'),
  'a line feed alone after the last chunk': chunked('0\n\r\n'),
  'a line feed alone as the end': chunked('0\r\n\n'),
  'a trailer that is no field': chunked('0\r\nrubbish\r\n\r\n'),
  'a folded trailer': chunked('0\r\nX: a\r\n b\r\n\r\n'),
  'a trailer with a space before its colon': chunked('0\r\nX : a\r\n\r\n'),
  'a trailer with a NUL': chunked('0\r\nX: \0\r\n\r\n'),
  'trailers without end': chunked(`0\r\n${`X: ${'y'.repeat(1000)}\r\n`.repeat(20)}\r\n`),
};

describe('what cannot be read in exactly one way is refused', () => {
  test.each(Object.entries(HOSTILE))('%s', (_name, text) => {
    for (const read of [whole, bytewise]) {
      const { fault, end } = read(text);
      expect(fault).toBeTypeOf('string');
      expect(end).toBe('open');
    }
  });
});

describe('where an answer ends', () => {
  test.each<readonly [string, string, string, 'exact' | 'last', object]>([
    ['at its length', `${OK}Content-Length: 5\r\n\r\nhello`, 'hello', 'exact', {}],
    ['at once without a body', `${OK}Content-Length: 0\r\n\r\n`, '', 'exact', {}],
    ['at the last chunk', chunked('5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n'), 'hello!', 'exact', {}],
    [
      'behind trailers, which are dropped',
      chunked('5;a=b;c="d;\\"";e\r\nhello\r\n000\r\nX: y\r\n\r\n'),
      'hello',
      'exact',
      {},
    ],
    ['with the connection', `${OK}\r\nhello`, 'hello', 'last', { closes: true }],
    ['with the connection, empty', `${OK}\r\n`, '', 'last', { closes: true }],
    ['with a connection of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhello', 'hello', 'last', { closes: true }],
    ['at the head of a HEAD request', `${OK}Content-Length: 5\r\n\r\n`, '', 'exact', { isHead: true }],
    ['at a chunked head of a HEAD request', chunked(''), '', 'exact', { isHead: true }],
    ['at 204', 'HTTP/1.1 204 No Content\r\n\r\n', '', 'exact', {}],
    ['at 304, whatever its length says', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', '', 'exact', {}],
    [
      'at 204, but not the connection when it tells of a body',
      'HTTP/1.1 204 x\r\nContent-Length: 1\r\n\r\n',
      '',
      'last',
      {},
    ],
    [
      'at 204, but not the connection when it tells of chunks',
      'HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n',
      '',
      'last',
      {},
    ],
    [
      'behind interim answers',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: a\r\n\r\n${OK}Content-Length: 1\r\n\r\na`,
      'a',
      'exact',
      {},
    ],
    ['without a reason', 'HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na', 'a', 'exact', {}],
    [
      'with a connection that is told to close',
      `${OK}Connection: keep-alive, Close\r\nContent-Length: 1\r\n\r\na`,
      'a',
      'last',
      {},
    ],
    ['in HTTP/1.0 with a length', 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na', 'a', 'last', {}],
  ])('%s', (_name, text, body, end, options) => {
    for (const read of [whole, bytewise]) expect(read(text, options)).toMatchObject({ body, end, fault: undefined });
  });

  test('a connection that ends too early is a fault', () => {
    for (const text of [
      '',
      'HTTP/1.1 2',
      `${OK}Content-Length: 5\r\n\r\nhell`,
      chunked('5\r\nhello\r\n0\r\n'),
      chunked('5\r\n'),
    ]) {
      expect(whole(text, { closes: true })).toMatchObject({ end: 'open', fault: expect.any(String) });
    }
  });

  test('what follows an answer that nobody asked for spoils the connection, not the answer', () => {
    for (const text of [`${OK}Content-Length: 1\r\n\r\na`, chunked('1\r\na\r\n0\r\n\r\n')]) {
      const { body, end, fault } = whole(`${text}${OK}Content-Length: 1\r\n\r\nb`);
      expect([body, end]).toEqual(['a', 'last']);
      expect(fault).toBe('bytes that nobody asked for');
    }
    const later = readPieces([Buffer.from(`${OK}Content-Length: 1\r\n\r\na`), Buffer.from('H')]);
    expect(later).toMatchObject({ body: 'a', end: 'exact', fault: 'bytes that nobody asked for' });
  });

  test('fields come as they were sent, names in lower case, without the space around values', () => {
    const { headers } = whole(
      `${OK}X-A:  b \t\r\nSET-COOKIE: a=1\r\nSet-Cookie: b=2\r\nX-Empty:\r\nX-Obs: \xe9\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(headers).toEqual([
      'x-a',
      'b',
      'set-cookie',
      'a=1',
      'set-cookie',
      'b=2',
      'x-empty',
      '',
      'x-obs',
      '\xe9',
      'content-length',
      '0',
    ]);
  });
});

const tokens = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.!~'.split('')), minLength: 1, maxLength: 12 });
const values = fc
  .string({ unit: fc.constantFrom(...'abc XYZ019-_.,;=/"\t\u00e9'.split('')), maxLength: 24 })
  .map((text) => text.trim());
const bodies = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const RESERVED = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'trailer', 'upgrade']);
const fields = fc
  .array(fc.tuple(tokens, values), { maxLength: 12 })
  .map((pairs) => pairs.filter(([name]) => !RESERVED.has(name.toLowerCase())));

/** A valid answer, with the places where its connection delivers it in pieces. */
const answers = fc
  .record({
    status: fc.constantFrom(200, 201, 206, 301, 400, 404, 500, 503, 599),
    fields,
    chunks: fc.option(fc.array(bodies, { maxLength: 5 })),
    body: bodies,
    interim: fc.integer({ min: 0, max: 3 }),
    places: fc.array(fc.nat(4000), { maxLength: 30 }),
  })
  .map(({ status, fields: pairs, chunks, body, interim, places }) => {
    const lines = pairs.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const filled = (chunks ?? []).filter((chunk) => chunk !== '');
    const framed =
      chunks === null
        ? `Content-Length: ${body.length}\r\n\r\n${body}`
        : `Transfer-Encoding: chunked\r\n\r\n${filled.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`;
    const text = `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(interim)}HTTP/1.1 ${status} Reason\r\n${lines}${framed}`;
    return { bytes: Buffer.from(text, 'latin1'), places, status, body: chunks === null ? body : filled.join('') };
  });

describe('however the bytes arrive', () => {
  test('a valid answer is read the same', () => {
    fc.assert(
      fc.property(answers, ({ bytes, places, status, body }) => {
        const once = readPieces([bytes]);
        expect(once).toMatchObject({ status, body, end: 'exact', fault: undefined });
        expect(readPieces(cutAt(bytes, places))).toEqual(once);
      }),
    );
  });

  test('a hostile one is refused at every cut', () => {
    for (const text of Object.values(HOSTILE)) {
      const bytes = Buffer.from(text, 'latin1');
      if (bytes.length > 2000) continue;
      for (let at = 1; at < bytes.length; at += 1) {
        expect(readPieces(cutAt(bytes, [at]))).toMatchObject({ end: 'open', fault: expect.any(String) });
      }
    }
  });
});

describe("beside Node's own reader", () => {
  test('a valid answer is read the same', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async ({ bytes }) => {
        const { status, headers, body } = readPieces([bytes]);
        expect({ status, headers, body }).toEqual(await readByNode(bytes));
      }),
      { numRuns: 200 },
    );
  });

  test('what is changed at random is refused, or read as Node reads it', async () => {
    const changes = fc.array(fc.tuple(fc.nat(4000), fc.constantFrom(...'\r\n\t :;,0a5fxA\0\x7f\xe9'.split(''))), {
      minLength: 1,
      maxLength: 3,
    });
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(answers, changes, fc.boolean(), async ({ bytes, places }, changed, inserts) => {
        let text = bytes.toString('latin1');
        for (const [place, character] of changed) {
          const at = place % text.length;
          text = text.slice(0, at) + character + text.slice(inserts ? at : at + 1);
        }
        const mutated = Buffer.from(text, 'latin1');
        const ours = readPieces([mutated], { closes: true });
        expect(
          readPieces(cutAt(mutated, places), { closes: true }).body.startsWith(ours.end === 'open' ? '' : ours.body),
        ).toBe(true);
        if (ours.end === 'open' || ours.fault !== undefined) return;
        accepted += 1;
        const { status, headers, body } = ours;
        expect({ status, headers, body }).toEqual(await readByNode(mutated));
      }),
      { numRuns: 600 },
    );
    expect(accepted).toBeGreaterThan(20);
  });
});
