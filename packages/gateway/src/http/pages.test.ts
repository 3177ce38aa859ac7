import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicContext } from '../../../../e2e/support/control-context.ts';
import { createControlApp, controlHandler } from './app.ts';
import { consoleRoutes } from './console.ts';
import { loginPage } from './login-page.ts';

const SECRET = 'nobody may read this';

let directory: string;
let built: Server;
let unbuilt: Server;

/** Hands requests over as the data plane does, with the path as it came: worse than any canonical one. */
async function serve(register: (app: FastifyInstance) => void): Promise<Server> {
  const app = createControlApp((error) => expect.unreachable(error.message));
  register(app);
  await app.ready();
  const handle = controlHandler(app);
  const server = createServer((raw, answer) => void handle(raw, answer, publicContext(raw.url ?? '/')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks with the target exactly as given: `fetch` would resolve its dot segments. */
function get(server: Server, path: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  // The server listens on TCP, so its address is no pipe's name.
  const { port } = server.address() as AddressInfo;
  return new Promise<Answer>((resolve, reject) => {
    const asked = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'steadygate-console-'));
  const dist = join(directory, 'dist');
  mkdirSync(join(dist, 'assets'), { recursive: true });
  writeFileSync(join(directory, 'secret.js'), SECRET);
  writeFileSync(join(dist, 'index.html'), '<title>console</title>');
  writeFileSync(join(dist, 'favicon.svg'), '<svg/>');
  writeFileSync(join(dist, 'assets/main-abc.js'), 'run()');
  for (const name of ['.env', '.hidden.js', 'state.json', 'assets/main-abc.js.map']) {
    writeFileSync(join(dist, name), SECRET);
  }
  symlinkSync(join(directory, 'secret.js'), join(dist, 'assets/linked.js'));
  built = await serve((app) => {
    loginPage(app);
    consoleRoutes(app, dist);
  });
  unbuilt = await serve((app) => consoleRoutes(app, join(directory, 'nowhere')));
});

afterAll(async () => {
  for (const server of [built, unbuilt]) await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

describe('pages of the gate', () => {
  it.each([
    ['/auth/login', 'text/html; charset=utf-8'],
    ['/auth/login.css', 'text/css; charset=utf-8'],
    ['/auth/login.js', 'text/javascript; charset=utf-8'],
    ['/console/', 'text/html; charset=utf-8'],
    ['/console/favicon.svg', 'image/svg+xml'],
    ['/console/assets/main-abc.js', 'text/javascript; charset=utf-8'],
  ])('SB9: %s has its type and the strict policy', async (path, type) => {
    const { status, headers, body } = await get(built, path);
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type });
    expect(body).not.toBe('');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
  });

  it('has no script or style inside the HTML, which the policy would refuse', async () => {
    const { body } = await get(built, '/auth/login');
    expect(body).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
    expect(body.match(/<script[^>]*>/g)).toEqual(['<script type="module" src="/auth/login.js">']);
  });

  it('answers HEAD without a body, and 304 to who has the same', async () => {
    const head = await get(built, '/auth/login', { method: 'HEAD' });
    expect({ status: head.status, body: head.body }).toEqual({ status: 200, body: '' });
    const again = await get(built, '/auth/login', { headers: { 'if-none-match': String(head.headers['etag']) } });
    expect({ status: again.status, body: again.body }).toEqual({ status: 304, body: '' });
    expect(again.headers['content-security-policy']).toBe(head.headers['content-security-policy']);
  });
});

describe('the console', () => {
  it('has one address', async () => {
    const { status, headers } = await get(built, '/console');
    expect({ status, location: headers['location'] }).toEqual({ status: 308, location: '/console/' });
  });

  it('is the same page under every path, asked for anew each time', async () => {
    const { status, headers, body } = await get(built, '/console/tenants/default?x=1');
    expect({ status, body }).toEqual({ status: 200, body: '<title>console</title>' });
    expect(headers['cache-control']).toBe('no-cache');
  });

  it('has assets that never change under their name, and none in place of those that are gone', async () => {
    const asset = await get(built, '/console/assets/main-abc.js');
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await get(built, '/console/assets/main-old.js')).status).toBe(404);
  });

  it.each([
    '/console/../secret.js',
    '/console/assets/../../secret.js',
    '/console/%2e%2e/secret.js',
    '/console/..%2fsecret.js',
    '/console/assets/..%2f..%2fsecret.js',
    '/console/%252e%252e%252fsecret.js',
    '/console/..\\secret.js',
    '/console//etc/passwd',
    '/console/assets/linked.js',
    '/console/assets/main-abc.js.map',
    '/console/.env',
    '/console/.hidden.js',
    '/console/state.json',
    '/console/assets/__proto__',
  ])('SB14: %s reaches no file beside the served ones', async (path) => {
    const { status, body } = await get(built, path);
    expect(body).not.toContain(SECRET);
    expect(body).not.toContain('root:');
    expect(status === 404 || body === '<title>console</title>').toBe(true);
  });

  it('says how to build it when it is not built', async () => {
    const { status, headers, body } = await get(unbuilt, '/console/');
    expect(status).toBe(503);
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(body)).toMatchObject({ code: 'unavailable', detail: expect.stringContaining('npm run build') });
  });
});
