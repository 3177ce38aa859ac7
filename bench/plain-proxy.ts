/*
 * CPU per request of plain proxying: the gate's process against a bare `node:http` server, under the same load.
 * node --conditions=source bench/plain-proxy.ts [seconds]
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { startRig } from '../packages/gateway/test/rig.ts';
import type { RigOptions } from '../packages/gateway/test/rig.ts';

const CONNECTIONS = 16;
const WARM_UP_MS = 2000;
const REQUEST =
  'GET /api/items?page=2 HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: bench/1.0\r\nAccept: application/json\r\n' +
  'Accept-Encoding: gzip\r\nAccept-Language: en\r\nCookie: theme=dark\r\nAuthorization: Bearer alice\r\n\r\n';
const BODY = JSON.stringify({ items: Array.from({ length: 10 }, (_, id) => ({ id, name: `item ${id}` })) });

function serveHello(): void {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) });
    response.end(BODY);
  });
  server.listen(0, '127.0.0.1', () => report(server.address()));
}

const SESSION: RigOptions = {
  routes: [{ access: 'session', permission: { read: 'app:read', write: 'app:write' } }],
};

async function serveGate(access: string): Promise<void> {
  const upstreamUrl = process.argv[3] ?? '';
  const rig = await startRig(createServer(), { ...(access === 'gate-session' ? SESSION : {}), upstreamUrl });
  setInterval(() => rig.records.splice(0), 100).unref();
  report({ port: rig.port });
}

function report(address: unknown): void {
  process.send?.(address);
  process.on('message', () => process.send?.(process.cpuUsage()));
}

async function compare(loadMs: number): Promise<void> {
  const hello = await start('hello');
  const url = `http://127.0.0.1:${hello.port}`;
  console.log(`bare node:http   ${await measure(hello, loadMs)}`);
  for (const access of ['gate-public', 'gate-session']) {
    const gate = await start(access, url);
    console.log(`${access.padEnd(16)} ${await measure(gate, loadMs)}`);
    gate.child.kill();
  }
  hello.child.kill();
}

type Server = { readonly child: ChildProcess; readonly port: number };

function start(...args: string[]): Promise<Server> {
  const child = fork(import.meta.filename, args, { execArgv: ['--conditions=source'] });
  // The first message of a child is its address.
  return new Promise((resolve) =>
    child.once('message', (address) => resolve({ child, ...(address as { port: number }) })),
  );
}

function cpuMicros({ child }: Server): Promise<number> {
  child.send('cpu');
  return new Promise((resolve) => {
    child.once('message', (usage) => {
      const { user, system } = usage as NodeJS.CpuUsage;
      resolve(user + system);
    });
  });
}

async function measure(server: Server, loadMs: number): Promise<string> {
  await load(server.port, WARM_UP_MS);
  const before = await cpuMicros(server);
  const count = await load(server.port, loadMs);
  const micros = (await cpuMicros(server)) - before;
  return `${(micros / count).toFixed(1)} µs CPU per request, ${Math.round((count * 1000) / loadMs)} requests/s`;
}

function load(port: number, forMs: number): Promise<number> {
  const endMs = Date.now() + forMs;
  return Promise.all(Array.from({ length: CONNECTIONS }, () => loop(port, endMs))).then((counts) =>
    counts.reduce((sum, count) => sum + count, 0),
  );
}

function loop(port: number, endMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(REQUEST));
    let count = 0;
    let text = '';
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.endsWith(']}')) return;
      if (!text.startsWith('HTTP/1.1 200')) return reject(new Error(text.slice(0, 300)));
      text = '';
      count += 1;
      if (Date.now() < endMs) return void socket.write(REQUEST);
      socket.destroy();
      resolve(count);
    });
  });
}

const [, , role = '10'] = process.argv;
if (role === 'hello') serveHello();
else if (role.startsWith('gate-')) await serveGate(role);
else await compare(Number(role) * 1000);
