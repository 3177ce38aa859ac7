import { describe, expect, it } from 'vitest';
import { readCase, requestFromLine } from './test-cases.ts';

describe('a request on a line', () => {
  it.each([
    ['GET /a', 'GET', '/a'],
    [' get  /a?b=c d ', 'get', '/a?b=c%20d'],
    ['GET /a?q=<x>"{}|\\^`é', 'GET', '/a?q=%3Cx%3E%22%7B%7D%7C%5C%5E%60%C3%A9'],
    ['GET /a?q=%27&r=[1]', 'GET', '/a?q=%27&r=[1]'],
  ])('%j is %s %s', (text, method, target) => {
    expect(requestFromLine(text)).toMatchObject({ method, target, headers: [], body: undefined, place: 1 });
  });

  it.each(['', '/a', 'GET', 'GET a', 'GET http://a.example/'])('%j is none', (text) => {
    expect(requestFromLine(text)).toBeUndefined();
  });

  it('has the body and the type that are given beside it', () => {
    const request = requestFromLine('POST /a', { body: 'é', type: 'text/plain', place: 7 });
    expect(request).toMatchObject({ headers: ['content-type', 'text/plain'], place: 7 });
    expect(Buffer.from(request?.body ?? []).toString()).toBe('é');
  });
});

describe('a line of a file of cases', () => {
  it.each([
    ['{"request":"GET /a","expect":"passed"}', { method: 'GET', target: '/a' }, 'passed'],
    [
      '{"request":"POST /a","body":"x","type":"text/plain"}',
      { method: 'POST', headers: ['content-type', 'text/plain'] },
      undefined,
    ],
    ['{"method":"GET","path":"/a","query":"b=c","expect":"refused"}', { target: '/a?b=c' }, 'refused'],
    ['{"request":{"method":"GET","url":"https://a.example/b?c"}}', { target: '/b?c' }, undefined],
    [
      '{"request":{"method":"GET","path":"/a","headers":{"x":["1","2"]}}}',
      { headers: ['x', '1', 'x', '2'] },
      undefined,
    ],
  ])('%s', (line, request, expected) => {
    expect(readCase(line, 3)).toMatchObject({ ok: true, case: { request: { place: 3, ...request }, expected } });
  });

  it.each([
    ['x', 'is no JSON'],
    ['[]', 'is no case'],
    ['{"request":"a"}', 'has a request that is no method and path'],
    ['{"request":{"path":"/a"}}', 'has no valid method'],
    ['{"request":"GET /a","expect":"maybe"}', 'is no case'],
  ])('%s %s', (line, reason) => {
    expect(readCase(line, 1)).toEqual({ ok: false, reason });
  });
});
