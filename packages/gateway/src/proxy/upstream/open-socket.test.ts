import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type OwnCa, ownCa, type OwnCertificate } from '../../../../../e2e/support/own-ca.ts';
import { type RawUpstream, startRawUpstream } from '../../../test/raw-upstream.ts';
import { listen } from '../../../test/rig.ts';
import { send } from '../../../test/upstream-call.ts';
import { createHttpClient } from './http-client.ts';
import { originOf } from './open-socket.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const OPTIONS = { connectMs: 2000, connectionsMax: 4 };

test.each([
  ['http://app:3000', undefined, { host: 'app', port: 3000, isTls: false, certified: 'app' }],
  ['http://app', 'other', { host: 'app', port: 80, isTls: false, certified: 'other' }],
  ['https://app.example', 'app.example', { host: 'app.example', port: 443, isTls: true, certified: 'app.example' }],
  [
    'https://10.0.0.1:8443',
    'app.example:8443',
    { host: '10.0.0.1', port: 8443, isTls: true, certified: 'app.example' },
  ],
  ['http://[::1]:81', '[::1]:81', { host: '::1', port: 81, isTls: false, certified: '::1' }],
])('the origin of %s as %s', (url, named, origin) => {
  expect(originOf(new URL(url), named)).toEqual(origin);
});

test('IPv6', async () => {
  const server = createTcpServer((socket) => void socket.once('data', () => socket.end(OK)));
  await new Promise<void>((resolve) => void server.listen(0, '::1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const client = createHttpClient(new URL(`http://[::1]:${port}`), OPTIONS);
  expect((await send(client)).body).toBe('ok');
  server.close();
});

test('nobody there is told as such, and as unsent', async () => {
  const client = createHttpClient(new URL('http://127.0.0.1:1'), OPTIONS);
  expect(await send(client)).toMatchObject({ problem: 'upstream-failed', reach: 'unsent' });
});

test('a handshake that hangs is late', async () => {
  const server = createTcpServer(() => undefined);
  const port = await listen(server as never);
  const client = createHttpClient(new URL(`https://127.0.0.1:${port}`), { ...OPTIONS, connectMs: 200 });
  expect(await send(client)).toMatchObject({ problem: 'upstream-timeout', reach: 'unsent' });
  server.close();
});

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sg-upstream-tls-'));
  let trusted: OwnCa;
  let unknown: OwnCa;
  let upstream: RawUpstream;

  beforeAll(async () => {
    trusted = await ownCa(folder, 'trusted');
    unknown = await ownCa(folder, 'unknown');
    setDefaultCACertificates([...getCACertificates('default'), readFileSync(trusted.caFile, 'utf8')]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => upstream.close());

  const start = async ({ certFile, keyFile }: OwnCertificate): Promise<void> => {
    const [cert, key] = [readFileSync(certFile), readFileSync(keyFile)];
    const server = createServer({ cert, key, ALPNProtocols: ['h2', 'http/1.1'] });
    server.on('tlsClientError', () => undefined);
    upstream = await startRawUpstream(
      ({ socket }, number) =>
        void socket.write(number === 2 ? 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok' : OK),
      server,
      'secureConnection',
    );
  };

  test('is spoken where the URL says so, as HTTP/1.1, and resumed', async () => {
    await start(await trusted.issue('resumed'));
    const client = createHttpClient(upstream.url, OPTIONS);
    for (let at = 0; at < 4; at += 1) expect((await send(client)).body).toBe('ok');
    expect(upstream.connections).toHaveLength(2);
    // Made by a TLS server, so it is a TLS socket.
    const second = upstream.connections[1]?.socket as TLSSocket;
    expect([second.alpnProtocol, second.isSessionReused()]).toEqual(['http/1.1', true]);
  });

  test('large bodies pass both ways', async () => {
    await start(await trusted.issue('large'));
    const client = createHttpClient(upstream.url, OPTIONS);
    const body = Buffer.alloc(300_000, 'x');
    expect((await send(client, { method: 'POST', body })).body).toBe('ok');
    await expect.poll(() => upstream.connections[0]?.text().endsWith('x'.repeat(300_000))).toBe(true);
  });

  test('a target by its address shows the certificate of the name that it is asked as', async () => {
    await start(await trusted.issue('named', ['DNS:app.example']));
    const client = createHttpClient(upstream.url, { ...OPTIONS, host: `app.example:${upstream.url.port}` });
    expect((await send(client)).body).toBe('ok');
    // Made by a TLS server, so it is a TLS socket.
    const asked = upstream.connections[0]?.socket as TLSSocket & { servername: string };
    expect(asked.servername).toBe('app.example');
    const other = createHttpClient(upstream.url, { ...OPTIONS, host: 'else.example' });
    expect(await send(other)).toMatchObject({ problem: 'upstream-failed', reach: 'unsent' });
  });

  test.each([
    ['that nobody vouches for', () => unknown.issue('stranger')],
    ['for another name', () => trusted.issue('other', ['DNS:other.example'])],
  ])('a certificate %s is refused before anything is sent', async (_name, issue) => {
    await start(await issue());
    const client = createHttpClient(upstream.url, OPTIONS);
    expect(await send(client)).toMatchObject({ problem: 'upstream-failed', reach: 'unsent' });
    expect(upstream.connections.map(({ text }) => text()).join('')).toBe('');
  });
});
