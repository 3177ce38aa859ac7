import { createServer, get, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { openRaw, sendRaw } from '../../test/raw.ts';
import { startRig, until } from '../../test/rig.ts';
import type { Rig, RigOptions } from '../../test/rig.ts';

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

async function start(
  upstream: ((request: IncomingMessage, response: ServerResponse) => void) | Server,
  options: RigOptions = {},
): Promise<Rig> {
  rig = await startRig(upstream, options);
  return rig;
}

describe('what reaches the upstream', () => {
  test('is exactly the canonical request with freshly written headers', async () => {
    let seen: readonly string[] = [];
    const { port } = await start(
      (request, response) => {
        seen = [`${request.method ?? ''} ${request.url ?? ''}`, ...request.rawHeaders];
        response.end();
      },
      {
        routes: [{ access: 'session', permission: { read: 'app:read', write: 'app:write' } }],
        inject: ['x-provider-key', 'injected-secret'],
      },
    );
    const head = [
      'GET /a/./b/../%63?q=1 HTTP/1.1',
      'Host: Gate.Example',
      'Connection: close, X-Provider-Key, X-Steadygate-User',
      'Authorization: Bearer alice',
      'Cookie: theme=dark',
      'X-Custom: kept',
      'X-Provider-Key: forged',
      'X-User-Id: root',
      'x_user_id: root',
      'X-Steadygate-User: root',
      'X-Forwarded-For: 10.0.0.1',
      'X-Original-URL: /admin',
      'X-HTTP-Method-Override: DELETE',
      'X-CSRF-Token: t',
      'TE: trailers',
      'Keep-Alive: timeout=5',
    ];
    const answer = await sendRaw(port, `${head.join('\r\n')}\r\n\r\n`);
    expect(answer.status).toBe(200);
    const requestId = /x-request-id: (\S+)/i.exec(answer.text)?.[1];
    expect(seen).toEqual([
      'GET /a/c?q=1',
      'host',
      `127.0.0.1:${rig?.upstreamPort ?? 0}`,
      'connection',
      'keep-alive',
      'cookie',
      'theme=dark',
      'x-custom',
      'kept',
      'x-forwarded-for',
      '127.0.0.1',
      'x-forwarded-proto',
      'http',
      'x-forwarded-host',
      'gate.example',
      'x-provider-key',
      'injected-secret',
      'x-steadygate-user',
      'alice',
      'x-steadygate-request-id',
      requestId,
    ]);
  });

  test('T2: on public routes a foreign credential passes and a request id of ours is told', async () => {
    let seen: IncomingMessage['headers'] = {};
    const { url } = await start((request, response) => {
      seen = request.headers;
      response.end();
    });
    await fetch(url, { headers: { authorization: 'Basic Zm9yZWlnbg==', cookie: 'token=ours; theme=dark' } });
    expect(seen).toMatchObject({ authorization: 'Basic Zm9yZWlnbg==', cookie: 'theme=dark' });
    expect(seen['x-steadygate-request-id']).toMatch(/^r/);
    expect(seen['x-steadygate-user']).toBeUndefined();
  });

  test('a body arrives whole, streamed or declared', async () => {
    const bodies: string[] = [];
    const { url, port } = await start((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        bodies.push(`${request.headers['transfer-encoding'] ?? request.headers['content-length'] ?? ''}:${body}`);
        response.end();
      });
    });
    await fetch(url, { method: 'POST', body: 'declared' });
    await sendRaw(
      port,
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    expect(bodies).toEqual(['8:declared', '5:abcde']);
  });
});

describe('answers', () => {
  test('carry our headers, keep an own policy of the upstream and lose what is ours alone', async () => {
    const { url } = await start(
      (_request, response) => {
        response.writeHead(200, {
          'content-security-policy': "default-src 'none'",
          'x-frame-options': 'ALLOWALL',
          'x-request-id': 'forged',
          'service-worker-allowed': '/',
          'set-cookie': ['__Host-token=x', 'token=y', 'theme=dark'],
          server: 'secret/1.0',
        });
        response.end('body');
      },
      { routes: [{ access: 'session', permission: { read: 'app:read', write: 'app:write' } }] },
    );
    const { headers, status } = await fetch(url, { headers: { authorization: 'Bearer alice' } });
    expect(status).toBe(200);
    expect(headers.get('content-security-policy')).toBe("default-src 'none'");
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-request-id')).toMatch(/^r[0-9a-z]{26}$/);
    expect(headers.get('service-worker-allowed')).toBeNull();
    expect(headers.getSetCookie()).toEqual(['theme=dark']);
    expect(headers.get('server')).toBeNull();
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(rig?.records).toMatchObject([{ status: 200, path: '/', method: 'GET', answerBytes: 4 }]);
  });

  test('interim answers and trailers are dropped', async () => {
    const server = createServer((_request, response) => {
      response.writeEarlyHints({ link: '</secret>; rel=preload' });
      response.writeHead(200, { trailer: 'x-late' });
      response.write('body');
      response.addTrailers({ 'x-late': 'yes' });
      response.end();
    });
    const { port } = await start(server);
    const answer = await sendRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(answer.text).toMatch(/^HTTP\/1\.1 200/);
    expect(answer.text).not.toMatch(/103|secret|x-late/);
  });

  test('HEAD has no body, and 204 and 304 pass', async () => {
    const { url } = await start((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, status === 200 ? { 'content-length': '5' } : {});
      response.end(status === 200 && request.method === 'GET' ? 'hello' : undefined);
    });
    const head = await fetch(`${url}/200`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', '']);
    expect((await fetch(`${url}/204`)).status).toBe(204);
    expect((await fetch(`${url}/304`)).status).toBe(304);
  });

  test('T1: HTML of an upstream is withheld in production without a control origin', async () => {
    const types = [
      'text/html',
      'Text/HTML; charset=utf-8',
      'application/xhtml+xml',
      'image/svg+xml',
      'text/plain, text/html',
    ];
    const { url } = await start(
      (request, response) => {
        response.writeHead(200, { 'content-type': types[Number(request.url?.slice(1))] ?? 'text/plain' });
        response.end('<script>');
      },
      { environment: 'production' },
    );
    for (const at of types.keys()) {
      const answer = await fetch(`${url}/${at}`);
      expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'answer-refused' }]);
    }
    expect((await fetch(`${url}/99`)).status).toBe(200);
  });

  test('T1: a worker script in the root directory is refused', async () => {
    const { url } = await start((_request, response) => response.end('// worker'));
    const answer = await fetch(`${url}/sw.js`, { headers: { 'service-worker': 'script' } });
    expect(answer.status).toBe(403);
    expect((await fetch(`${url}/app/sw.js`, { headers: { 'service-worker': 'script' } })).status).toBe(200);
  });
});

describe('refusals', () => {
  const routes = [{ access: 'session', permission: { read: 'app:read', write: 'app:write' } }] as const;

  test('nothing is served where no route matches', async () => {
    const { url } = await start((_request, response) => response.end(), { routes: [{ path: '/only' }] });
    const answer = await fetch(`${url}/other`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    expect(await answer.json()).toMatchObject({ code: 'not-found', requestId: answer.headers.get('x-request-id') });
    expect(answer.headers.get('content-security-policy')).toBe("default-src 'self'");
  });

  test('people without a session are led to the log-in page and back, programs get 401', async () => {
    const { url, port } = await start((_request, response) => response.end(), { routes });
    const page = await sendRaw(port, 'GET /a?b=//evil HTTP/1.1\r\nHost: a\r\nAccept: text/html, */*\r\n\r\n', 200);
    expect(page.status).toBe(303);
    expect(page.text).toMatch(/location: \/auth\/login\?returnTo=%2Fa%3Fb%3D%2F%2Fevil\r\n/i);
    for (const headers of [{ accept: 'application/json' }, { accept: 'text/html', 'x-forced': '1' }]) {
      const init = 'x-forced' in headers ? { headers, method: 'POST' } : { headers };
      const answer = await fetch(url, { ...init, redirect: 'manual' });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="steadygate"']);
    }
    const answer = await fetch(url, {
      headers: { accept: 'text/html', authorization: 'Bearer alice.viewer' },
      method: 'POST',
    });
    expect(answer.status).toBe(403);
  });

  test('own routes get headers and context, never the upstream', async () => {
    const { url } = await start((_request, response) => response.end('upstream'), {
      control: (_incoming, response, { request, match }) => {
        response.end(`${request.path} ${match.route.policy.path}`);
      },
    });
    const answer = await fetch(`${url}/health/live`);
    expect(await answer.text()).toBe('/health/live /health/live');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('x-request-id')).toMatch(/^r/);
  });

  test('WK13: a declared body over the limit is 413 before it is sent, a chunked one as it grows', async () => {
    const seen: string[] = [];
    const { port } = await start(
      (request, response) => {
        request.on('error', () => seen.push('aborted'));
        request.resume().on('end', () => response.end());
      },
      { routes: [{ bodyBytesMax: 10 }] },
    );
    const declared = await sendRaw(
      port,
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n${'x'.repeat(11)}`,
      3000,
    );
    expect(declared).toMatchObject({ status: 413, isClosed: true });
    expect(seen).toEqual([]);
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    const raw = openRaw(port);
    raw.socket.write(`${head}5\r\nabcde\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    raw.socket.write('8\r\nabcdefgh\r\n');
    await until(() => raw.text().startsWith('HTTP/1.1 413'));
    await until(() => seen.includes('aborted'));
    raw.socket.destroy();
  });

  test('100 Continue is sent only after the guards let the request through', async () => {
    const { port } = await start((request, response) => request.resume().on('end', () => response.end('done')), {
      routes,
    });
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n';
    const refused = await sendRaw(port, `${head}\r\n`, 3000);
    expect(refused.text).toMatch(/^HTTP\/1\.1 401/);
    expect(refused.text).not.toContain('100 Continue');
    const raw = openRaw(port);
    raw.socket.write(`${head}Authorization: Bearer alice\r\nOrigin: http://a\r\nSec-Fetch-Site: same-origin\r\n\r\n`);
    await until(() => raw.text().startsWith('HTTP/1.1 100 Continue\r\n'));
    raw.socket.write('abc');
    await until(() => raw.text().includes('HTTP/1.1 200'));
    raw.socket.destroy();
  });

  test('a body that stands still is 408', async () => {
    const { port } = await start((request, response) => request.resume().on('end', () => response.end()), {
      timeouts: { requestBodyMs: 250 },
    });
    const raw = openRaw(port);
    raw.socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
    await until(() => raw.text() !== '');
    expect(raw.text()).toMatch(/^HTTP\/1\.1 408/);
    raw.socket.destroy();
  });
});

describe('upstreams that fail', () => {
  test('down is 502', async () => {
    const { url } = await start(createServer(), { upstreamUrl: 'http://127.0.0.1:1' });
    const answer = await fetch(url);
    expect([answer.status, await answer.json()]).toMatchObject([502, { code: 'upstream-failed' }]);
  });

  test('slow is 504', async () => {
    const { url } = await start(() => undefined, { timeouts: { headersMs: 300 } });
    const answer = await fetch(url);
    expect([answer.status, await answer.json()]).toMatchObject([504, { code: 'upstream-timeout' }]);
  });

  test.each([
    ['closes at once', ''],
    ['speaks no HTTP', 'hello\r\n\r\n'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nA'],
    ['continues unasked', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['switches protocols unasked', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ])('an upstream that %s is 502', async (_name, bytes) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(bytes));
    });
    // A TCP server serves the rig's purpose: it only listens and closes.
    const { url } = await start(Object.assign(server, { closeAllConnections: () => undefined }) as unknown as Server);
    expect((await fetch(url)).status).toBe(502);
  });

  test('an answer that breaks off does not look complete', async () => {
    const { port } = await start((_request, response) => {
      response.writeHead(200);
      response.write('half');
      setTimeout(() => response.destroy(), 50);
    });
    const answer = await sendRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(answer).toMatchObject({ status: 200, isClosed: true });
    expect(answer.text).not.toContain('\r\n0\r\n\r\n');
  });

  test('an answer that stalls is ended', async () => {
    const { port } = await start(
      (_request, response) => {
        response.writeHead(200);
        response.write('half');
      },
      { timeouts: { bodyIdleMs: 250 } },
    );
    const answer = await sendRaw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 5000);
    expect(answer.isClosed).toBe(true);
  });

  test('a safe request survives a kept-alive connection that the upstream closed, an unsafe one is not repeated', async () => {
    let posts = 0;
    const { url } = await start((request, response) => {
      if (request.method === 'POST') {
        posts += 1;
        request.socket.destroy();
        return;
      }
      response.end('ok', () => request.url === '/close' && request.socket.destroy());
    });
    expect((await fetch(`${url}/close`)).status).toBe(200);
    expect((await fetch(`${url}/again`)).status).toBe(200);
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(502);
    expect(posts).toBe(1);
  });

  test('a client that leaves is noticed upstream, and recorded as 499', async () => {
    let isClosed = false;
    const { port } = await start((_request, response) => {
      response.on('close', () => (isClosed = true));
    });
    const request = get({ port, host: '127.0.0.1' });
    request.on('error', () => undefined);
    setTimeout(() => request.destroy(), 100);
    await until(() => isClosed);
    await until(() => rig?.records.length === 1);
    expect(rig?.records[0]?.status).toBe(499);
  });
});

describe('throughput', () => {
  test('a slow reader of 50 MB stops the upstream instead of filling the memory', async () => {
    const size = 50 * 1024 * 1024;
    let written = 0;
    const { port } = await start((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const write = (): void => {
        while (written < size) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    });
    const received = await new Promise<number>((resolve, reject) => {
      get({ port, host: '127.0.0.1' }, (answer) => {
        let count = 0;
        answer.pause();
        setTimeout(() => {
          // Kernel buffers and ours: a few megabytes, not the whole.
          if (written > 20 * 1024 * 1024) reject(new Error(`The upstream could write ${written} bytes.`));
          answer.resume();
        }, 500);
        answer.on('data', (chunk: Buffer) => (count += chunk.length)).on('end', () => resolve(count));
      });
    });
    expect(received).toBe(size);
  });

  test('a slow upstream stops the sender of a large body', async () => {
    let release: (() => void) | undefined;
    const { port } = await start(
      (request, response) => {
        release = () => request.resume().on('end', () => response.end());
      },
      { routes: [{ bodyBytesMax: 100 * 1024 * 1024 }], timeouts: { requestBodyMs: 10_000, headersMs: 10_000 } },
    );
    const size = 40 * 1024 * 1024;
    const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-length': size } });
    const answered = new Promise<number>((resolve) => {
      request.on('response', (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
    });
    let sent = 0;
    const chunk = Buffer.alloc(64 * 1024);
    const write = (): void => {
      while (sent < size) {
        sent += chunk.length;
        if (!request.write(chunk)) return void request.once('drain', write);
      }
      request.end();
    };
    write();
    await until(() => release !== undefined);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(sent).toBeLessThan(20 * 1024 * 1024);
    release?.();
    expect(await answered).toBe(200);
  });

  test('event streams arrive event by event', async () => {
    let push: ((text: string) => void) | undefined;
    const { port } = await start((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      push = (text) => void response.write(text);
    });
    const raw = openRaw(port);
    raw.socket.write('GET /events HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => raw.text().includes('text/event-stream'));
    push?.('data: 1\n\n');
    await until(() => raw.text().includes('data: 1'));
    expect(rig?.plane.counts().streams).toBe(1);
    raw.socket.destroy();
    await until(() => rig?.plane.counts().streams === 0);
  });
});
