import { describe, expect, it } from 'vitest';
import { problemBody, ProblemError, problemOf, PROBLEMS } from './problem.ts';

describe('problemBody', () => {
  it('WK10: says code, title, status and request id, and no more', () => {
    expect(problemBody('not-found', {}, 'r1')).toEqual({
      type: 'urn:steadygate:problem:not-found',
      title: 'Not found',
      status: 404,
      code: 'not-found',
      requestId: 'r1',
    });
  });

  it('names the limit that was hit, and what would help', () => {
    const limit = { name: 'address', rate: '10/15m' };
    const body = problemBody('rate-limited', { detail: 'Wait.', retryAfterSeconds: 9, limit }, 'r1');
    expect(body).toMatchObject({ status: 429, detail: 'Wait.', limit });
    expect(body).not.toHaveProperty('retryAfterSeconds');
  });
});

describe('ProblemError', () => {
  it('WK10: keeps the private reason apart from what is said', () => {
    const cause = new Error('SQLITE_CORRUPT');
    const error = new ProblemError('unavailable', { detail: 'Try again.' }, { cause });
    expect(error).toMatchObject({ name: 'ProblemError', code: 'unavailable', message: 'Try again.', cause });
    expect(JSON.stringify(problemBody(error.code, error.facts, 'r1'))).not.toContain('SQLITE');
    expect(new ProblemError('internal').message).toBe('Internal error');
  });

  it('every problem is a client or server error with a title of its own', () => {
    const problems = Object.values(PROBLEMS);
    expect(problems.every(({ status }) => status >= 400 && status < 600)).toBe(true);
    expect(new Set(problems.map(({ title }) => title)).size).toBe(problems.length);
  });
});

describe('problemOf', () => {
  const lost = Object.assign(new Error('the store is gone'), { isUnavailability: true });

  it.each([
    ['a problem', new ProblemError('conflict'), 'conflict'],
    ['an unavailability', lost, 'unavailable'],
    ['a bug', new TypeError('x is undefined'), 'internal'],
    ['what only looks like one', { isUnavailability: true }, 'internal'],
    ['nothing', undefined, 'internal'],
  ])('makes a problem of %s', (_what, cause, code) => {
    expect(problemOf(cause).code).toBe(code);
  });

  it('WK10: keeps the private reason as the cause', () => {
    expect(problemOf(lost)).toMatchObject({ cause: lost, facts: {} });
  });
});
