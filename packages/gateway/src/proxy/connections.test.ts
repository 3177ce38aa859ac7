import { afterEach, describe, expect, test } from 'vitest';
import { openRaw } from '../../test/raw.ts';
import { startRig, until } from '../../test/rig.ts';
import type { Rig } from '../../test/rig.ts';

let rig: Rig | undefined;
const opened: ReturnType<typeof openRaw>[] = [];

afterEach(async () => {
  for (const { socket } of opened.splice(0)) socket.destroy();
  await rig?.close();
});

function open(localAddress?: string): ReturnType<typeof openRaw> {
  if (rig === undefined) throw new Error('There is no rig.');
  const raw = openRaw(rig.port, localAddress);
  opened.push(raw);
  return raw;
}

const HALF_A_HEAD = 'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ';

describe('WK15: slow and many connections', () => {
  test('5,000 slow headers from 100 addresses do not stop a normal client', async () => {
    rig = await startRig((_request, response) => response.end('ok'));
    for (let at = 0; at < 5000; at += 1) {
      const raw = open(`127.0.1.${1 + (at % 100)}`);
      raw.socket.on('connect', () => raw.socket.write(HALF_A_HEAD));
      if (at % 500 === 499) await until(() => raw.socket.readyState !== 'opening', 20_000);
    }
    const startMs = Date.now();
    expect(await (await fetch(rig.url)).text()).toBe('ok');
    expect(Date.now() - startMs).toBeLessThan(1000);
    expect(rig.plane.counts().connections).toBeLessThanOrEqual(2049);
  }, 60_000);

  test('of one address only the oldest idle connections go', async () => {
    rig = await startRig((_request, response) => response.end('ok'), {
      deps: { connectionLimits: { idlePerAddressMax: 5 } },
    });
    const slow = Array.from({ length: 5 }, () => open());
    await until(() => rig?.plane.counts().connections === 5);
    const other = open('127.0.2.1');
    await until(() => rig?.plane.counts().connections === 6);
    open();
    await until(() => slow.filter(({ socket }) => socket.destroyed).length === 1);
    expect(other.socket.destroyed).toBe(false);
  });

  test('a connection with a request in progress is never evicted', async () => {
    let finish: (() => void) | undefined;
    rig = await startRig((_request, response) => (finish = () => response.end('ok')), {
      deps: { connectionLimits: { idlePerAddressMax: 3, connectionsMax: 4 } },
    });
    const busy = open();
    busy.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => finish !== undefined);
    for (let at = 0; at < 20; at += 1) open();
    await until(() => opened.filter(({ socket }) => !socket.destroyed).length === 4);
    finish?.();
    await until(() => busy.text() !== '');
    expect(busy.text()).toMatch(/^HTTP\/1\.1 200/);
  });

  test('one address cannot take all connections', async () => {
    let seen = 0;
    rig = await startRig(() => void (seen += 1), { deps: { connectionLimits: { perAddressMax: 3 } } });
    for (let at = 0; at < 3; at += 1) open().socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => seen === 3);
    const fourth = open();
    await until(() => fourth.socket.destroyed);
    const neighbour = open('127.0.2.1');
    await until(() => rig?.plane.counts().connections === 4);
    expect(neighbour.socket.destroyed).toBe(false);
  });
});

describe('drain', () => {
  test('running requests finish, new connections are refused', async () => {
    let finish: (() => void) | undefined;
    rig = await startRig((_request, response) => (finish = () => response.end('done')));
    const running = open();
    running.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => finish !== undefined);
    const drained = rig.plane.drain();
    const late = open();
    await until(() => late.socket.destroyed);
    finish?.();
    await drained;
    expect(running.text()).toContain('done');
  });

  test('a request that does not finish is cut after drainMs', async () => {
    rig = await startRig(() => undefined, { timeouts: { drainMs: 200, headersMs: 60_000 } });
    const stuck = open();
    stuck.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => rig?.plane.counts().connections === 1);
    const startMs = Date.now();
    await rig.plane.drain();
    expect(Date.now() - startMs).toBeLessThan(2000);
  });
});
