import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { OtlpSender } from './otlp-sender.ts';
import type { ExporterSettings } from './settings.ts';

let server: Server | undefined;
let sender: OtlpSender | undefined;
let got: { url: string; headers: IncomingMessage['headers']; body: Buffer }[] = [];
let failures: string[] = [];

afterEach(() => {
  sender?.close();
  server?.closeAllConnections();
  server?.close();
  got = [];
  failures = [];
});

async function open(
  answer: (response: ServerResponse, count: number) => void,
  change: Partial<ExporterSettings> = {},
): Promise<OtlpSender> {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      got.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      answer(response, got.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Bound to a port.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/v1/traces`;
  const settings = { url, headers: {}, timeoutMs: 5_000, gzip: false, tls: {}, ...change };
  sender = new OtlpSender(settings, (reason) => void failures.push(reason));
  return sender;
}

describe('what is sent to a collector', () => {
  it('is JSON, with the configured fields', async () => {
    const { send } = bound(await open((response) => void response.end('{}'), { headers: { 'x-key': 'k' } }));
    expect(await send({ a: 'ü' })).toBe(true);
    expect(got[0]).toMatchObject({ url: '/v1/traces', headers: { 'content-type': 'application/json', 'x-key': 'k' } });
    expect(JSON.parse(got[0]?.body.toString() ?? '')).toEqual({ a: 'ü' });
  });

  it('is compressed where that was asked for', async () => {
    const { send } = bound(await open((response) => void response.end(), { gzip: true }));
    expect(await send({ a: 1 })).toBe(true);
    expect(got[0]?.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(got[0]?.body ?? Buffer.of()).toString()).toBe('{"a":1}');
  });

  it('is sent again after what may pass, and not after what will not', async () => {
    const { send } = bound(await open((response, count) => void response.writeHead(count === 1 ? 503 : 200).end()));
    expect([await send({}), got.length, failures]).toEqual([true, 2, []]);
    server?.close();
    const final = bound(await open((response) => void response.writeHead(400).end()));
    got = [];
    expect([await final.send({}), got.length, failures]).toEqual([false, 1, ['it answered 400']]);
  });

  it('T14: goes to the configured address only, whatever that answers', async () => {
    let wasAsked = false;
    const elsewhere = createServer((_request, response) => {
      wasAsked = true;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    // Bound to a port.
    const { port } = elsewhere.address() as AddressInfo;
    const redirect = (response: ServerResponse): void =>
      void response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end();
    const { send } = bound(await open(redirect));
    expect(await send({})).toBe(false);
    expect([wasAsked, failures]).toEqual([false, ['it answered 307']]);
    elsewhere.close();
  });

  it('is given up in time, and an outage is told once', async () => {
    const hangs = bound(await open(() => undefined, { timeoutMs: 100 }));
    expect([await hangs.send({}), await hangs.send({}), failures.length]).toEqual([false, false, 1]);
    expect(sender?.failures).toBe(2);
  });

  it('tells of the next outage again', async () => {
    const { send } = bound(await open((response, count) => void response.writeHead(count % 2 === 1 ? 400 : 200).end()));
    for (let at = 0; at < 4; at += 1) await send({});
    expect(failures).toEqual(['it answered 400', 'it answered 400']);
  });

  it('does not read an answer without end', async () => {
    const { send } = bound(
      await open((response) => {
        const more = (): void => {
          if (!response.destroyed) response.write('x'.repeat(65_536), more);
        };
        more();
      }),
    );
    expect(await send({})).toBe(true);
  });

  it('says nothing of the address or the secret in a failure', async () => {
    server?.close();
    const url = 'http://127.0.0.1:1/secret-path';
    const settings = { url, headers: { authorization: 'hunter2' }, timeoutMs: 100, gzip: false, tls: {} };
    sender = new OtlpSender(settings, (reason) => void failures.push(reason));
    expect(await sender.send({})).toBe(false);
    expect(failures.join()).not.toMatch(/secret-path|hunter2|127\.0\.0\.1/);
  });

  it('ends what is under way when it is closed', async () => {
    const { send } = bound(await open(() => undefined, { timeoutMs: 60_000 }));
    const sending = send({});
    await new Promise((resolve) => void server?.once('request', resolve));
    sender?.close();
    expect(await sending).toBe(false);
  });
});

function bound(of: OtlpSender) {
  return { send: (body: unknown) => of.send(body) };
}
