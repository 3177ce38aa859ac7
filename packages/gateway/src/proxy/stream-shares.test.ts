import { ProblemError } from '@steadygate/core';
import { expect, test } from 'vitest';
import type { Admitted } from './exchange.ts';
import { StreamShares } from './stream-shares.ts';

type Holder = Pick<Admitted, 'decision' | 'request'>;

/** Only what a share goes by. */
function holder(clientAddress: string, userId?: string): Holder {
  const principal = userId === undefined ? undefined : { userId, tenantId: 'default' };
  return { decision: { principal }, request: { clientAddress } } as unknown as Holder;
}

function takeAll(shares: StreamShares, of: Holder): (() => void)[] {
  const taken: (() => void)[] = [];
  for (;;) {
    try {
      taken.push(shares.take(of));
    } catch (cause) {
      expect(cause).toBeInstanceOf(ProblemError);
      return taken;
    }
  }
}

test('WK15: one person holds 64 event streams at most, whatever their addresses, and others are not concerned', () => {
  const shares = new StreamShares();
  expect(takeAll(shares, holder('192.0.2.1', 'ada'))).toHaveLength(64);
  expect(() => shares.take(holder('192.0.2.2', 'ada'))).toThrow('At most 64');
  expect(takeAll(shares, holder('192.0.2.1', 'max'))).toHaveLength(64);
});

test('WK15: an address without a credential holds 256, an IPv6 network of 64 bits as one', () => {
  const shares = new StreamShares();
  expect(takeAll(shares, holder('2001:db8::1'))).toHaveLength(256);
  expect(() => shares.take(holder('2001:db8::2'))).toThrow('At most 256');
  expect(takeAll(shares, holder('192.0.2.1'))).toHaveLength(256);
});

test('what was given back can be taken again, once', () => {
  const shares = new StreamShares();
  const [first] = takeAll(shares, holder('192.0.2.1', 'ada'));
  first?.();
  first?.();
  expect(takeAll(shares, holder('192.0.2.1', 'ada'))).toHaveLength(1);
});
