import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sendRaw } from '../../test/raw.ts';
import { startRig } from '../../test/rig.ts';
import type { Rig } from '../../test/rig.ts';

const seen: string[] = [];
let rig: Rig;

beforeAll(async () => {
  rig = await startRig((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    request.resume();
    response.end('ok');
  });
});
afterAll(() => rig.close());

const CASES: Readonly<Record<string, string>> = {
  'CL.TE': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX',
  'TE.CL': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nA\r\n0\r\n\r\n',
  'two lengths': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nAB',
  'equal lengths twice': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nA',
  'signed length': 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nA',
  Transfer_Encoding: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer_Encoding: chunked\r\nContent-Length: 1\r\n\r\nA',
  'odd coding': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
  'coding list': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'space before colon': 'GET / HTTP/1.1\r\nHost : a\r\n\r\n',
  'obs-fold': 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n',
  'fold in Transfer-Encoding': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n',
  'two hosts': 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'no host': 'GET / HTTP/1.1\r\nX: y\r\n\r\n',
  'bad chunk size': 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nA\r\n0\r\n\r\n',
  'chunk longer than its size':
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nAAAA\r\n0\r\n\r\n',
  'line feeds alone': 'GET / HTTP/1.1\nHost: a\n\n',
  'line feed in the middle': 'GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n',
  'NUL in a value': 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n',
  'absolute target': 'GET http://other/ HTTP/1.1\r\nHost: a\r\n\r\n',
  'HTTP/2 preface': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  asterisk: 'GET * HTTP/1.1\r\nHost: a\r\n\r\n',
  'h2c upgrade':
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n',
  rubbish: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
};

describe('malformed requests are answered 400, the connection closes and the upstream sees nothing', () => {
  test.each(Object.entries(CASES))('%s', async (_name, bytes) => {
    seen.length = 0;
    const answer = await sendRaw(rig.port, bytes, 3000);
    expect(answer).toMatchObject({ status: 400, isClosed: true });
    expect(answer.text).toContain('application/problem+json');
    expect(answer.text.toLowerCase()).toContain('x-request-id: ');
    expect(seen).toEqual([]);
  });
});

describe('heads', () => {
  test('a head larger than 16 KiB is 431 and ends the connection', async () => {
    const answer = await sendRaw(rig.port, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(17_000)}\r\n\r\n`);
    expect(answer).toMatchObject({ status: 431, isClosed: true });
  });

  test('a second malformed request on a connection never answers the first one twice', async () => {
    const answer = await sendRaw(rig.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost : b\r\n\r\n');
    expect(answer.isClosed).toBe(true);
    expect(answer.text.match(/HTTP\/1\.1 200/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  test('an expectation that is not 100-continue is 417', async () => {
    const answer = await sendRaw(rig.port, 'POST / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 1\r\n\r\n');
    expect(answer.status).toBe(417);
  });
});
