import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldName, headerKind } from './header-kind.ts';

const ONCE = [
  'host',
  'authorization',
  'content-type',
  'content-encoding',
  'content-range',
  'content-location',
  'origin',
  'cookie',
  'referer',
  'user-agent',
  'last-event-id',
  'sec-fetch-site',
  'sec-fetch-mode',
  'sec-fetch-dest',
  'sec-websocket-key',
  'sec-websocket-version',
  'access-control-request-method',
  'access-control-request-headers',
  'max-forwards',
  'range',
  'if-range',
  'if-modified-since',
  'if-unmodified-since',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'x-csrf-token',
  'proxy-authorization',
];

describe('headerKind', () => {
  it('gives each singleton a bit of its own among the 32 of a bitwise operation', () => {
    const bits = ONCE.map((name) => headerKind(name)?.single ?? 0);
    expect(bits.every((bit) => bit > 0 && bit <= 2 ** 31 && Number.isInteger(Math.log2(bit)))).toBe(true);
    expect(new Set(bits).size).toBe(ONCE.length);
  });

  it('knows a name in any case', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ONCE), fc.infiniteStream(fc.boolean()), (name, coins) => {
        const spelt = name.replace(/[a-z]/g, (letter) => (coins.next().value === true ? letter.toUpperCase() : letter));
        expect(headerKind(spelt)).toBe(headerKind(name));
      }),
    );
  });

  it.each([
    'x-custom',
    'x-api-version',
    'x-requested-with',
    'via',
    'http',
    'x-amz-date',
    'stripe-signature',
    'x-hub-signature-256',
  ])('lets %s pass', (name) => {
    expect(headerKind(name)).toMatchObject({
      name,
      hop: false,
      reserved: false,
      forwarding: false,
      disguised: false,
      single: 0,
    });
  });

  it.each(['traceparent', 'Traceparent', 'TRACESTATE', 'Trace-Parent', 'trace_state', 'HTTP_TRACEPARENT'])(
    'withholds %s: it is judged, and written afresh where it goes on',
    (name) => {
      expect(headerKind(name)).toMatchObject({ reserved: true, hop: false });
    },
  );

  it('never throws, and says undefined exactly for what is no token', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (name) => {
        expect(headerKind(name) !== undefined).toBe(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name));
      }),
    );
  });
});

it.each([
  ['X-User-Id', 'xuserid'],
  ['HTTP_X_USER_ID', 'xuserid'],
  ['http_http_x', 'x'],
  ['x-http-method', 'xhttpmethod'],
  ['___', ''],
  ['HTTP', ''],
])('foldName sees %s as %s', (name, folded) => {
  expect(foldName(name)).toBe(folded);
});
