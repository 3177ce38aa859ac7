import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EchoUpstream, startEchoUpstream } from './support/echo-upstream.ts';
import { type RunningGate, startGate } from './support/gate.ts';
import { ownCa } from './support/own-ca.ts';

const folder = mkdtempSync(join(tmpdir(), 'sg-tls-'));
let app: EchoUpstream;
let gate: RunningGate;
let ca: string;

beforeAll(async () => {
  const authority = await ownCa(folder);
  const { certFile, keyFile } = await authority.issue('gate');
  ca = readFileSync(authority.caFile, 'utf8');
  const kek = join(folder, 'kek');
  writeFileSync(kek, randomBytes(32).toString('hex'), { mode: 0o600 });
  app = await startEchoUpstream();
  gate = await startGate({
    config: {
      environment: 'production',
      listen: { host: '127.0.0.1', port: 0, hosts: ['127.0.0.1'], origins: ['https://127.0.0.1'] },
      tls: { certificateFile: certFile, keyFile },
      upstreams: { app: { url: app.url } },
      routes: [{ path: '/**', upstream: 'app', access: 'public' }],
      secrets: { keyEncryptionKey: `\${file:${kek}}` },
    },
  });
});
afterAll(async () => {
  await gate.stop();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A handshake with the gate; the code of its failure where there is none. */
async function handshake(options: ConnectionOptions): Promise<{ protocol: string; cipher: string } | string> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port: gate.port, ca, ...options });
  try {
    await once(socket, 'secureConnect');
    return { protocol: String(socket.getProtocol()), cipher: socket.getCipher().name };
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    socket.destroy();
  }
}

async function get(path: string): Promise<IncomingMessage> {
  const outgoing = request({ host: '127.0.0.1', port: gate.port, ca, path, agent: false }).end();
  const [answer] = await once(outgoing, 'response');
  // The event of a client request.
  const incoming = answer as IncomingMessage;
  incoming.resume();
  return incoming;
}

describe('SB10: TLS at the gate itself', () => {
  test('speaks 1.3 and 1.2', async () => {
    expect(await handshake({})).toMatchObject({ protocol: 'TLSv1.3' });
    expect(await handshake({ maxVersion: 'TLSv1.2' })).toMatchObject({ protocol: 'TLSv1.2' });
  });

  // Level 0, or our own side would refuse before the gate does.
  test.each(['TLSv1', 'TLSv1.1'] as const)('refuses %s', async (version) => {
    const old = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' };
    expect(await handshake(old)).toMatch(/ALERT_PROTOCOL_VERSION|WRONG_VERSION_NUMBER/);
  });

  test.each([
    'ECDHE-ECDSA-AES128-SHA',
    'ECDHE-ECDSA-AES256-SHA384',
    'ECDHE-ECDSA-AES128-CCM8',
    'ECDHE-ECDSA-AES256-CCM',
    'ECDHE-ECDSA-ARIA256-GCM-SHA384',
    'ECDHE-ECDSA-CAMELLIA256-SHA384',
    'AES128-GCM-SHA256',
    'DHE-RSA-AES256-GCM-SHA384',
    'AECDH-AES256-SHA',
    'ECDHE-ECDSA-NULL-SHA',
  ])('refuses %s', async (cipher) => {
    const weak = { maxVersion: 'TLSv1.2', ciphers: `${cipher}:@SECLEVEL=0` } as const;
    expect(await handshake(weak)).toMatch(/HANDSHAKE_FAILURE|NO_CIPHER_MATCH|NO_CIPHERS_AVAILABLE/);
  });

  test.each(['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'])(
    'takes %s: forward secrecy and authenticated encryption',
    async (cipher) => {
      expect(await handshake({ maxVersion: 'TLSv1.2', ciphers: cipher })).toMatchObject({ cipher });
    },
  );

  test('tells browsers to stay, forwards that it was HTTPS, and answers no plain HTTP', async () => {
    const answer = await get('/x');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['strict-transport-security']).toMatch(/^max-age=31536000/);
    const plain = connectPlain(gate.port, '127.0.0.1').end('GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    let got = '';
    plain.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
    plain.on('error', () => undefined);
    await once(plain, 'close');
    expect(got).not.toContain('HTTP/1.1 200');
  });

  test('a handshake that never ends does not keep its connection', async () => {
    const silent = connectPlain(gate.port, '127.0.0.1');
    silent.on('error', () => undefined);
    silent.resume();
    const [hadError] = await once(silent, 'close');
    expect(hadError).toBe(false);
  });
});
