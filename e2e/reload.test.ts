import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningGate } from './support/gate.ts';
import { startGate } from './support/gate.ts';
import type { Caller } from './support/people.ts';
import { signInMany } from './support/people.ts';
import type { SocketUpstream } from './support/socket-upstream.ts';
import { startSocketUpstream } from './support/socket-upstream.ts';
import { until } from './support/until.ts';

const SOCKETS = 1_000;
const FEW = 20;

let upstream: SocketUpstream;
let gate: RunningGate;

interface Variant {
  readonly mark?: number;
  readonly hasRooms?: boolean;
  readonly readers?: readonly string[];
  readonly control?: string;
}

/** A configuration whose `mark` shows in what goes up, in what comes down, and in the table. */
function configOf({ mark = 0, hasRooms = true, readers = ['live:*'], control }: Variant = {}) {
  const rooms = {
    path: '/rooms',
    upstream: 'app',
    permission: { read: 'rooms:read', write: 'rooms:write' },
    websocket: true,
  };
  return {
    environment: 'development',
    listen: { host: '127.0.0.1', port: 0, ...(control === undefined ? {} : { control }) },
    upstreams: { app: { url: upstream.url, injectHeaders: { 'x-mark': '${MARK}' } } },
    roles: {
      reader: { permissions: readers, invitePrefix: 'SB-READER-' },
      guest: { permissions: ['rooms:*', 'app:*'], invitePrefix: 'SB-GUEST-' },
    },
    routes: [
      { path: '/ws', upstream: 'app', permission: { read: 'live:read', write: 'live:write' }, websocket: true },
      ...(hasRooms ? [rooms] : []),
      { path: '/mark/**', upstream: 'app', permission: { read: 'app:read', write: 'app:write' } },
      { path: `/only-${mark}`, upstream: 'app', access: 'public', deny: true },
    ],
    guards: { securityHeaders: { permissionsPolicy: `geolocation=(), x-mark-${mark}=()` } },
    limits: { general: '1000000/15m' },
  };
}

function textOf(variant: Variant): string {
  return JSON.stringify(configOf(variant)).replaceAll('"${MARK}"', `"mark-${variant.mark ?? 0}-of-the-configuration"`);
}

function put(text: string): void {
  writeFileSync(gate.configFile ?? '', text);
}

const RELOADED = 'configuration reloaded';
const REFUSED = 'the configuration was not reloaded';

/** Does something and waits for what the log says of the reload that follows. */
async function reloading(act: () => void, message: string): Promise<Record<string, unknown>> {
  const before = gate.lines.length;
  act();
  const line = await until(message, () => gate.lines.slice(before).find((text) => text.includes(`"msg":"${message}`)));
  return JSON.parse(line);
}

async function openSockets(path: string, caller: Caller, count: number): Promise<readonly WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(50, count - sockets.length) }, async () => {
      const headers = { authorization: `Bearer ${caller.token}` };
      const socket = new WebSocket(gate.url.replace('http', 'ws') + path, { headers, perMessageDeflate: false });
      await once(socket, 'open');
      return socket;
    });
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
}

/** How many of the sockets still carry a message there and back. */
async function answering(sockets: readonly WebSocket[]): Promise<number> {
  const open = sockets.filter((socket) => socket.readyState === WebSocket.OPEN);
  await Promise.all(
    open.map(async (socket) => {
      const answer = once(socket, 'message');
      socket.send('still here');
      await answer;
    }),
  );
  return open.length;
}

const closings = (sockets: readonly WebSocket[]) =>
  Promise.all(
    sockets.map(async (socket) => {
      const [code] = await once(socket, 'close');
      return code;
    }),
  );

beforeAll(async () => {
  upstream = await startSocketUpstream((incoming, response) => {
    const mark = incoming.headers['x-mark'];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ mark: String(mark).split('-')[1] }));
  });
});

afterAll(async () => {
  await upstream?.close();
});

describe('a reload', () => {
  let reader: Caller;
  let guest: Caller;

  beforeAll(async () => {
    gate = await startGate({ config: textOf({}) });
    [reader] = (await signInMany(gate, 'reader', 1)) as [Caller];
    [guest] = (await signInMany(gate, 'guest', 1)) as [Caller];
  });

  afterAll(async () => {
    await gate?.stop();
  });

  it('T11: keeps 1,000 sockets whose route is unchanged, and ends those whose route or permission goes', async () => {
    const readers = await openSockets('/ws', reader, SOCKETS);
    const guests = await openSockets('/rooms', guest, FEW);

    await reloading(() => put(textOf({ mark: 1 })), RELOADED);
    expect([await answering(readers), await answering(guests)]).toEqual([SOCKETS, FEW]);

    await reloading(() => gate.signal('SIGHUP'), RELOADED);
    expect([await answering(readers), await answering(guests)]).toEqual([SOCKETS, FEW]);

    const routeGone = closings(guests);
    await reloading(() => put(textOf({ mark: 1, hasRooms: false })), RELOADED);
    expect(new Set(await routeGone)).toEqual(new Set([1012]));
    expect(await answering(readers)).toBe(SOCKETS);

    const permissionGone = closings(readers);
    await reloading(() => put(textOf({ mark: 1, readers: ['app:read'] })), RELOADED);
    expect(new Set(await permissionGone)).toEqual(new Set([1012]));
  });

  it.each([
    ['no YAML', () => 'routes: [', /steadygate\.yaml:\d+:\d+/],
    ['an unknown key', () => textOf({}).replace('"limits"', '"limitz"'), /steadygate\.yaml:\d+:\d+.*limitz/],
    ['a route without permission', () => textOf({}).replace(/"permission":\{[^}]*\},/, ''), /steadygate\.yaml:\d+:\d+/],
    ['what the policy refuses', () => textOf({}).replace('"/ws"', '"/control/x"'), /steadygate\.yaml:\d+:\d+.*routes/],
    ['a listener that comes or goes', () => textOf({ control: '127.0.0.1:0' }), /listen\.control.*[Rr]estart/],
    [
      'a setting that sockets and cookies were made from',
      () => textOf({}).replace('{', '{"tls":{"terminatedBy":"proxy"},'),
      /tls.*[Rr]estart/,
    ],
    ['nothing', () => '', /steadygate\.yaml/],
  ])('T11: with %s keeps the configuration in force, and says where', async (_what, text, problem) => {
    await reloading(() => put(textOf({ mark: 2 })), RELOADED);
    const refused = await reloading(() => put(text()), REFUSED);
    expect(JSON.stringify(refused['problems'])).toMatch(problem);
    const answer = await fetch(`${gate.url}/mark/x`, { headers: { authorization: `Bearer ${guest.token}` } });
    expect([answer.status, await answer.json()]).toEqual([200, { mark: '2' }]);
  });

  it('T11: is atomic under load: no request sees parts of two configurations, and none fails', async () => {
    const seen = new Set<string>();
    let isOver = false;
    const caller = async (): Promise<void> => {
      while (!isOver) {
        const answer = await fetch(`${gate.url}/mark/x`, { headers: { authorization: `Bearer ${guest.token}` } });
        const down = /x-mark-(\d+)/.exec(answer.headers.get('permissions-policy') ?? '')?.[1];
        const up = answer.status === 200 ? JSON.parse(await answer.text()).mark : await answer.text();
        seen.add(`${answer.status} ${up} ${down}`);
      }
    };
    const load = Promise.all(Array.from({ length: 8 }, caller));
    for (let mark = 10; mark < 18; mark += 1) await reloading(() => put(textOf({ mark })), RELOADED);
    isOver = true;
    await load;
    const marks = [...seen].map((text) => text.split(' '));
    expect(marks.filter(([status, up, down]) => status !== '200' || up !== down)).toEqual([]);
    expect(seen.size).toBeGreaterThanOrEqual(5);
  });
});
