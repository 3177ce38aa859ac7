import { once } from 'node:events';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseRange } from '@steadygate/core';
import { afterEach, describe, expect, it } from 'vitest';
import { metricsListener, type MetricsListenerOptions } from './listener.ts';
import { family } from './metric.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const METRIC = { name: 'a', type: 'gauge', labels: [], help: 'A.' } as const;
const loopback = ranges('127.0.0.0/8');

function ranges(...texts: readonly string[]) {
  return texts.map(parseRange).filter((range) => range !== undefined);
}

async function ask(
  sent: { method?: string; path?: string; headers?: Record<string, string> } = {},
  options: Partial<MetricsListenerOptions> = {},
) {
  server = metricsListener({ read: () => [family(METRIC, [7])], from: loopback, hosts: [], ...options });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Bound to a port.
  const { port } = server.address() as AddressInfo;
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; type: string; text: string }>();
  const { method = 'GET', path = '/metrics', headers = {} } = sent;
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => (text += part));
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
    );
  });
  outgoing.once('error', reject).end();
  return promise;
}

describe('T16: the listener of metrics', () => {
  it('answers listed addresses without a credential', async () => {
    const { status, type, text } = await ask();
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toContain('\na 7\n');
  });

  it('answers in the form that is asked for', async () => {
    const { type, text } = await ask({ headers: { accept: 'application/openmetrics-text' } });
    expect([type, text.endsWith('# EOF\n')]).toEqual([
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
      true,
    ]);
  });

  it('refuses every other address, whatever it says of itself', async () => {
    const from = ranges('10.0.0.0/8', '::1');
    const headers = { 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1' };
    const { status, text } = await ask({ headers }, { from });
    expect([status, text.includes('a 7')]).toEqual([403, false]);
  });

  it.each([
    ['127.0.0.1:9464', 200],
    ['localhost', 200],
    ['[::1]:9464', 200],
    ['gate.monitoring.svc:9464', 200],
    ['gate.monitoring.svc', 421],
    ['other.internal:1', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost.evil.example:9464', 421],
  ])(
    'answers Host %j with %i: a page bound to this address by its name server reads nothing',
    async (host, expected) => {
      const hosts = ['gate.monitoring.svc:9464', 'other.internal'];
      expect((await ask({ headers: { host } }, { hosts })).status).toBe(expected);
    },
  );

  it.each([
    ['POST', '/metrics', 405],
    ['OPTIONS', '/metrics', 405],
    ['GET', '/', 404],
    ['GET', '/metrics/', 404],
    ['GET', '/control/v1/sessions', 404],
    ['GET', '/metrics?x=1', 200],
    ['HEAD', '/metrics', 200],
  ])('%s %s is %i', async (method, path, expected) => {
    expect((await ask({ method, path })).status).toBe(expected);
  });
});
