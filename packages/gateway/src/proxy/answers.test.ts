import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { sendRaw } from '../../test/raw.ts';
import { startRig } from '../../test/rig.ts';
import type { Rig, RigOptions } from '../../test/rig.ts';

const SECRET = 'sk-0123456789';
const PACKED = gzipSync(SECRET);

let upstream: Server | undefined;
let rig: Rig | undefined;

afterEach(async () => {
  await rig?.close();
  upstream?.close();
});

/** An upstream that says exactly these bytes, as no HTTP library would. */
async function answering(bytes: string | Buffer, options: RigOptions = {}): Promise<Rig> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(bytes));
  });
  upstream = server;
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  // Listening on TCP, so the address is one.
  const { port } = server.address() as AddressInfo;
  rig = await startRig((_request, response) => response.end(), {
    ...options,
    upstreamUrl: `http://127.0.0.1:${port}`,
  });
  return rig;
}

function packed(fields: string): Buffer {
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${fields}\r\nConnection: close\r\n\r\n`),
    PACKED,
  ]);
}

describe('T8: an answer that is looked at has one plain representation', () => {
  test.each([
    ['a second coding behind identity', packed('Content-Encoding: identity\r\nContent-Encoding: gzip')],
    ['a list of codings', packed('Content-Encoding: identity, gzip')],
    [
      'a packed transfer',
      Buffer.concat([
        Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'),
        Buffer.from(`${PACKED.length.toString(16)}\r\n`),
        PACKED,
        Buffer.from('\r\n0\r\n\r\n'),
      ]),
    ],
  ])('T8: %s is withheld', async (_name, bytes) => {
    const { url } = await answering(bytes, { scrub: [SECRET] });
    expect((await fetch(`${url}/x`)).status).toBe(502);
  });
});

test.each([
  'text/html',
  'text/html (x',
  'text/html x',
  'text/html\t;x',
  'application/json, text/html',
  'text/xml',
  'application/xml; charset=utf-8',
  'application/rss+xml',
  'image/svg+xml',
  'application/xhtml+xml',
])('T1: %s is withheld in production without a control origin', async (type) => {
  const bytes = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nConnection: close\r\n\r\n<x/>`;
  const { url } = await answering(bytes, { environment: 'production' });
  expect((await fetch(`${url}/x`)).status).toBe(502);
});

test.each(['application/json', 'text/plain', 'text/csv', 'application/vnd.api+json'])(
  'T1: %s is no page and passes in production',
  async (type) => {
    const bytes = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nConnection: close\r\n\r\n1`;
    const { url } = await answering(bytes, { environment: 'production' });
    expect((await fetch(`${url}/x`)).status).toBe(200);
  },
);

test('an answer without content has no length: no proxy in front takes the next answer for its body', async () => {
  const { port } = await answering('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nETag: "v2"\r\n\r\n');
  const { status, text } = await sendRaw(port, 'GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect([status, text]).toEqual([204, expect.not.stringMatching(/content-length/i)]);
  expect(text).toContain('etag: "v2"');
});
