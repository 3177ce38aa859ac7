import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { earnedRetries, type FailedAttempt, isRepeatable } from './retry.ts';

const FAILED: FailedAttempt = {
  method: 'GET',
  code: 'upstream-failed',
  reach: 'sent',
  hasHead: false,
  isBodyWhole: true,
};

describe('a failed attempt is made again', () => {
  test.each<readonly [string, Partial<FailedAttempt>, boolean]>([
    ['a GET that broke off', {}, true],
    ['a HEAD that broke off', { method: 'HEAD' }, true],
    ['a POST that broke off', { method: 'POST' }, false],
    ['a PUT that broke off', { method: 'PUT' }, false],
    ['a DELETE that broke off', { method: 'DELETE' }, false],
    ['a POST whose connection was refused', { method: 'POST', reach: 'unsent' }, true],
    ['a POST whose connection took too long', { method: 'POST', reach: 'unsent', code: 'upstream-timeout' }, true],
    ['a GET that was not answered in time', { code: 'upstream-timeout' }, false],
    ['a GET whose answer broke off', { hasHead: true }, false],
    ['a body that was begun', { method: 'POST', reach: 'unsent', isBodyWhole: false }, false],
    ['a GET with a body that was begun', { isBodyWhole: false }, false],
    ['a request that cannot be sent', { reach: 'unsent', code: 'request-malformed' }, false],
    ['a request that found no connection', { reach: 'unsent', code: 'unavailable' }, false],
    ['a GET whose sender broke off', { code: 'body-invalid' }, false],
  ])('%s', (_name, more, expected) => {
    expect(isRepeatable({ ...FAILED, ...more })).toBe(expected);
  });

  test('never when it was sent and changes something, whatever else is true', () => {
    const attempts = fc.record({
      method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get'),
      code: fc.constantFrom<FailedAttempt['code']>('upstream-failed', 'upstream-timeout', 'unavailable', 'internal'),
      reach: fc.constant<'sent'>('sent'),
      hasHead: fc.boolean(),
      isBodyWhole: fc.boolean(),
    });
    fc.assert(
      fc.property(attempts, (attempt) => {
        expect(isRepeatable(attempt)).toBe(false);
      }),
    );
  });
});

test('retries stay within their share of the requests, beyond the reserve', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.array(fc.nat(3), { maxLength: 200 }), (reserve, wanted) => {
      const policy = { attempts: 3, share: 0.2, reserve };
      let retries = reserve;
      let spent = 0;
      for (const wants of wanted) {
        retries = earnedRetries(retries, policy);
        for (let count = 0; count < wants && retries >= 1; count += 1) {
          retries -= 1;
          spent += 1;
        }
      }
      expect(spent).toBeLessThanOrEqual(reserve + 0.2 * wanted.length + 1e-6);
    }),
  );
});
