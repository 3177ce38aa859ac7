import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isServedLate, type LateRequest, serviceAt, staleMsBetween } from './staleness.ts';

const READ: LateRequest = { isPublic: false, isOwn: false, isRead: true, credential: 'session' };

const requests: fc.Arbitrary<LateRequest> = fc.record({
  isPublic: fc.boolean(),
  isOwn: fc.boolean(),
  isRead: fc.boolean(),
  credential: fc.constantFrom('session', 'key', undefined),
});

describe('T11: an instance that heard nothing of its state for a while', () => {
  it.each<[string, Partial<LateRequest>, boolean, boolean]>([
    ['a read with a session', {}, true, false],
    ['a read with a key', { credential: 'key' }, false, false],
    ['a write', { isRead: false }, false, false],
    ['a control action', { isRead: false, isOwn: true }, false, false],
    ['a read of the control plane', { isOwn: true }, false, false],
    ['a log-in', { isRead: false, isOwn: true, isPublic: true, credential: undefined }, false, false],
    ['public health', { isOwn: true, isPublic: true, credential: undefined }, true, true],
    ['a public route', { isPublic: true, credential: undefined }, true, true],
    ['a write to a public route', { isPublic: true, isRead: false, credential: undefined }, true, true],
  ])('serves %s: before 5 s, before 60 s, after', (_what, asked, later, late) => {
    const served = [0, 4_999, 5_000, 59_999, 60_000, 6_000_000].map((ms) => isServedLate({ ...READ, ...asked }, ms));
    expect(served).toEqual([true, true, later, later, late, late]);
  });

  it('serves public routes only when nobody knows for how long', () => {
    expect(serviceAt(Number.NaN)).toBe('public');
    expect(isServedLate(READ, Number.NaN)).toBe(false);
  });

  it('serves nothing later that it refused before', () => {
    fc.assert(
      fc.property(requests, fc.nat(120_000), fc.nat(120_000), (request, first, more) => {
        expect(isServedLate(request, first + more) && !isServedLate(request, first)).toBe(false);
      }),
    );
  });

  it('serves no key, no write and nothing of its own but public reads after 5 s', () => {
    fc.assert(
      fc.property(requests, fc.integer({ min: 5_000 }), (request, staleMs) => {
        if (!isServedLate(request, staleMs)) return;
        expect(request.isPublic || (request.isRead && !request.isOwn && request.credential !== 'key')).toBe(true);
        expect(request.isOwn && !request.isRead).toBe(false);
      }),
    );
  });
});

describe('staleMsBetween', () => {
  it.each([
    ['both clocks go on', 1_000, 1_000, 1_000],
    ['the clock was set back', -3_600_000, 1_000, 1_000],
    ['the clock was set forward', 9_000, 1_000, 9_000],
    ['the machine slept', 9_000, 10, 9_000],
    ['both stand still', 0, 0, 0],
  ])('T11: %s', (_what, wall, monotonic, expected) => {
    const proven = { nowMs: 1_800_000_000_000, monotonicMs: 5_000 };
    const now = { nowMs: proven.nowMs + wall, monotonicMs: proven.monotonicMs + monotonic };
    expect(staleMsBetween(proven, now)).toBe(expected);
  });
});
