import type { DecisionRecord, Principal } from '@steadygate/core';
import { describe, expect, it } from 'vitest';
import { LineBatch } from './line-batch.ts';
import { createLogger, type Logger } from './logger.ts';

function linesOf(
  level: 'info' | 'warn' | 'error' | 'silent',
  log: (logger: Logger) => void,
): Record<string, unknown>[] {
  const lines: string[] = [];
  log(createLogger({ level, destination: { write: (line) => lines.push(line) } }));
  return lines.map((line) => {
    expect(line.indexOf('\n')).toBe(line.length - 1);
    return JSON.parse(line);
  });
}

const RECORD: DecisionRecord = {
  requestId: 'r0',
  atMs: 1_000,
  method: 'GET',
  path: '/a',
  clientAddress: '192.0.2.1',
  route: 'routes[0]',
  decision: { outcome: 'allow', principal: undefined, findings: [], answerHeaders: [] },
  status: 200,
  durationMs: 5,
  answerBytes: 1,
};

describe('the log', () => {
  it('tells level, time, facts and message', () => {
    const [plain, full] = linesOf('info', (logger) => {
      logger.info('hello');
      logger.warn({ a: 1, b: undefined }, 'careful');
    });
    expect(plain).toEqual({ level: 'info', at: expect.any(Number), msg: 'hello' });
    expect(full).toEqual({ level: 'warn', at: expect.any(Number), a: 1, msg: 'careful' });
  });

  it('leaves out what is below its level', () => {
    const all = (logger: Logger): void => {
      logger.info('i');
      logger.request(RECORD);
      logger.warn('w');
      logger.error('e');
    };
    expect(linesOf('warn', all).map(({ msg }) => msg)).toEqual(['w', 'e']);
    expect(linesOf('silent', all)).toEqual([]);
  });

  it('shows an error with its causes, and ends with a circle of them', () => {
    const inner = new Error('inner');
    const outer = new Error('outer', { cause: inner });
    const [line] = linesOf('info', (logger) => logger.error({ cause: outer }, 'failed'));
    expect(line).toMatchObject({ cause: { name: 'Error', message: 'outer', cause: { message: 'inner' } } });
    inner.cause = outer;
    expect(linesOf('info', (logger) => logger.error({ cause: outer }, 'failed'))).toHaveLength(1);
  });

  it('never throws for what it is given', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const [line, other] = linesOf('info', (logger) => {
      logger.info({ circle }, 'round');
      logger.info({ big: 1n }, 'big');
    });
    expect([line?.['msg'], other?.['msg']]).toEqual(['round', 'big']);
  });
});

describe('the line of a request', () => {
  it('tells what was asked, by whom, and what became of it', () => {
    // Only what the line shows of a principal.
    const principal = { userId: 'u"1' } as Principal;
    const denial = { guard: 'permission', code: 'permission-denied', facts: {} } as const;
    const [allowed, denied] = linesOf('info', (logger) => {
      logger.request(RECORD);
      logger.request({ ...RECORD, route: undefined, decision: { ...RECORD.decision, principal, denial } });
    });
    const common = { level: 'info', at: 1_005, requestId: 'r0', method: 'GET', path: '/a', status: 200, ms: 5 };
    expect(allowed).toEqual({ ...common, address: '192.0.2.1', route: 'routes[0]', msg: 'request' });
    expect(denied).toEqual({
      ...common,
      address: '192.0.2.1',
      user: 'u"1',
      guard: 'permission',
      code: 'permission-denied',
      msg: 'request',
    });
  });

  it.each([
    '/join/SB-ADMIN-K7MQ4XWP',
    '/t/eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1In0.c2ln',
    '/k/sg_live_abc123_secretsecret',
  ])('SB16: shows no credential that stands in the path %s', (path) => {
    const [line] = linesOf('info', (logger) => logger.request({ ...RECORD, path }));
    expect(String(line?.['path'])).toMatch(/^\/[\w-]+\/\[(?:token|secret|invite)\]$/);
  });

  it('T25: obeys no terminal, though nobody had judged the path', () => {
    let text = '';
    const logger = createLogger({ level: 'info', destination: { write: (line) => (text += line) } });
    logger.request({ ...RECORD, path: '/a\u001b[31m\u009b1m\u2028"\r\n\u202e', method: 'G\u009bT' });
    // oxlint-disable-next-line no-control-regex -- They are what must not be there.
    expect(text).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]+\n$/);
    expect(JSON.parse(text)).toMatchObject({ status: 200 });
  });
});

it('holds back no warning and no error', () => {
  const written: string[] = [];
  const batch = new LineBatch({ write: (text) => written.push(text) });
  const logger = createLogger({ level: 'info', destination: batch });
  logger.info('first');
  expect(written).toEqual([]);
  logger.warn({ alert: 'orphan' }, 'second');
  expect(written.join('')).toMatch(/first.*\n.*second/);
});
