import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Recorded, RecordedRequest } from './recorded-request.ts';
import { readRecording, RecordingError, type RecordingFormat } from './read-recording.ts';

async function read(
  bytes: string | Uint8Array,
  format?: RecordingFormat,
  chunkBytes = 7,
): Promise<readonly Recorded[]> {
  const whole = Buffer.from(bytes);
  const chunks = Array.from({ length: Math.ceil(whole.length / chunkBytes) }, (_, at) =>
    whole.subarray(at * chunkBytes, (at + 1) * chunkBytes),
  );
  const found: Recorded[] = [];
  for await (const each of readRecording(Readable.from(chunks, { objectMode: false }), format)) found.push(each);
  return found;
}

async function only(text: string): Promise<RecordedRequest> {
  const [first, ...rest] = await read(text);
  if (first?.ok !== true || rest.length > 0) throw new Error(`not one request: ${JSON.stringify([first, ...rest])}`);
  return first.request;
}

async function reasons(text: string, format?: RecordingFormat): Promise<readonly string[]> {
  return (await read(text, format)).flatMap((each) => (each.ok ? [] : [each.unreadable.reason]));
}

const LINE =
  '203.0.113.9 - bob [21/Nov/2026:10:00:00 +0130] "POST /a?q=%27 HTTP/1.1" 200 12 "https://x.example/" "curl/8 \\"x\\" \\x41"';

describe('a combined log', () => {
  test('gives address, time, request line, referrer and agent; bodies are missing where one was sent', async () => {
    expect(await only(LINE)).toMatchObject({
      place: 1,
      address: '203.0.113.9',
      atMs: Date.UTC(2026, 10, 21, 8, 30),
      method: 'POST',
      target: '/a?q=%27',
      headers: ['referer', 'https://x.example/', 'user-agent', 'curl/8 "x" A'],
      isBodyMissing: true,
    });
  });

  test('the common format has neither referrer nor agent, and HTTP/0.9 no version', async () => {
    const common = await only('::1 - - [21/Nov/2026:10:00:00 -0100] "GET /" - -');
    expect(common).toMatchObject({
      headers: [],
      method: 'GET',
      atMs: Date.UTC(2026, 10, 21, 11),
      isBodyMissing: false,
    });
  });

  test('what is no request is said, with its place, and the rest is read', async () => {
    const found = await read(`nonsense\n${LINE}\n1.2.3.4 - - [x] "\\x16\\x03" 400 0 "-" "-"\r\n\n${LINE}`);
    expect(found.map((each) => (each.ok ? each.request.place : -each.unreadable.place))).toEqual([-1, 2, -3, 5]);
  });
});

describe('JSON lines', () => {
  test('of another program: a method and a URL are enough', async () => {
    const line = {
      method: 'GET',
      url: 'https://shop.example/a/b?c=1#d',
      headers: { 'X-A': ['1', '2'] },
      at: '2026-11-21T10:00:00Z',
    };
    expect(await only(JSON.stringify(line))).toMatchObject({
      target: '/a/b?c=1',
      headers: ['X-A', '1', 'X-A', '2'],
      atMs: Date.UTC(2026, 10, 21, 10),
      caller: undefined,
      verdict: undefined,
    });
  });

  test('bodies are text or Base64', async () => {
    const found = await read('{"method":"PUT","path":"/","body":"é"}\n{"method":"PUT","path":"/","bodyBase64":"AP8="}');
    const bodies = found.map((each) => (each.ok ? [...(each.request.body ?? [])] : []));
    expect(bodies).toEqual([
      [0xc3, 0xa9],
      [0x00, 0xff],
    ]);
  });

  test.each([
    ['{"method":"GET"}', 'has neither a path nor a URL of http or https'],
    ['{"method":"GET","url":"ftp://x/y"}', 'has neither a path nor a URL of http or https'],
    ['{"path":"/"}', 'has no valid method'],
    ['{"method":"GET","path":"/","headers":5}', 'has no valid headers'],
    ['{"method":', 'is no JSON'],
  ])('%s: %s', async (line, reason) => {
    expect(await reasons(line)).toEqual([reason]);
  });

  test('a line without end is not held in memory', async () => {
    const long = `{"method":"GET","path":"/${'a'.repeat(9 * 1024 * 1024)}"}\n{"method":"GET","path":"/"}`;
    const found = await read(long, 'jsonl', 1024 * 1024);
    expect(found.map(({ ok }) => ok)).toEqual([false, true]);
  });
});

describe('an HTTP archive', () => {
  const archive = (...requests: object[]) =>
    JSON.stringify({
      log: {
        version: '1.2',
        entries: requests.map((request) => ({ startedDateTime: '2026-11-21T10:00:00Z', request })),
      },
    });

  test('gives heads and bodies; a form may be given by its fields', async () => {
    const found = await read(
      archive(
        {
          method: 'GET',
          url: 'https://x.example',
          headers: [
            { name: ':authority', value: 'x' },
            { name: 'A', value: 'b' },
          ],
        },
        {
          method: 'POST',
          url: 'https://x.example/f',
          postData: { mimeType: 'application/x-www-form-urlencoded', params: [{ name: 'a b', value: '&' }] },
        },
        { method: 'POST', url: 'https://x.example/lost', bodySize: 12 },
        { method: 'GET', url: 'data:text/plain,x' },
        { url: 5 },
      ),
    );
    expect(
      found.map((each) => (each.ok ? [each.request.target, each.request.headers.join(' ')] : each.unreadable.reason)),
    ).toEqual([
      ['/', 'A b'],
      ['/f', 'content-type application/x-www-form-urlencoded'],
      ['/lost', ''],
      'has no URL of http or https',
      'is no entry with a request',
    ]);
    const bodies = found.map((each) =>
      each.ok ? `${Buffer.from(each.request.body ?? []).toString()} ${each.request.isBodyMissing}` : '',
    );
    expect(bodies).toEqual([' false', 'a+b=%26 false', ' true', '', '']);
  });

  test('a file that is none says so', async () => {
    await expect(read('{"log": {}}')).rejects.toThrow(RecordingError);
  });
});

test('what is packed is unpacked, and a torn pack is an error of the file', async () => {
  const packed = gzipSync(`${LINE}\n${LINE}\n`);
  expect(await read(packed)).toHaveLength(2);
  await expect(read(packed.subarray(0, packed.length - 9))).rejects.toThrow('does not unpack');
});

test('an empty file holds nothing', async () => {
  expect(await read('')).toEqual([]);
});

test('T25: whatever a log holds, each line is a request or a reason', async () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.constant(LINE),
    fc.string().map((text) => `${LINE}${text}`),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 5 }),
      fc.constantFrom('combined' as const, 'jsonl' as const),
      async (lines, format) => {
        for (const each of await read(lines.join('\n'), format))
          expect(typeof (each.ok ? each.request.target : each.unreadable.reason)).toBe('string');
      },
    ),
    { numRuns: 200 },
  );
});
