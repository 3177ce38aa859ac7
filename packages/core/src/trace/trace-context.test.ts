import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTraceContext, traceHeaders } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const HEX = '0123456789abcdef'.split('');
const PARENT = `00-${TRACE}-${SPAN}-01`;

const parse = (parent: string, ...states: readonly string[]) =>
  parseTraceContext(['traceparent', parent, ...states.flatMap((state) => ['tracestate', state])]);

describe('a trace context', () => {
  it('is read from its fields', () => {
    expect(parse(PARENT, 'vendor=1')).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true, state: 'vendor=1' });
    expect(parse(`00-${TRACE}-${SPAN}-00`)).toMatchObject({ isSampled: false, state: undefined });
    expect(parse(`00-${TRACE}-${SPAN}-fe`)).toMatchObject({ isSampled: false });
    expect(parse(`00-${TRACE}-${SPAN}-03`)).toMatchObject({ isSampled: true });
  });

  it('of a later version is read as far as this one goes', () => {
    expect(parse(`01-${TRACE}-${SPAN}-01`)).toMatchObject({ traceId: TRACE });
    expect(parse(`cc-${TRACE}-${SPAN}-01-what-the-future-brings`)).toMatchObject({ spanId: SPAN });
  });

  it.each([
    [''],
    [PARENT.toUpperCase()],
    [` ${PARENT}`],
    [`${PARENT} `],
    [`${PARENT}-`],
    [`${PARENT}-00`],
    [`${PARENT}\n`],
    [`ff-${TRACE}-${SPAN}-01`],
    [`0-${TRACE}-${SPAN}-01`],
    [`cc-${TRACE}-${SPAN}-01.x`],
    [`00-${TRACE}-${SPAN}`],
    [`00-${TRACE}-${SPAN}-1`],
    [`00-${TRACE}-${SPAN}-0g`],
    [`00-${'0'.repeat(32)}-${SPAN}-01`],
    [`00-${TRACE}-${'0'.repeat(16)}-01`],
    [`00-${TRACE.slice(1)}-${SPAN}-01`],
    [`00-${TRACE}0-${SPAN}-01`],
    [`00_${TRACE}_${SPAN}_01`],
    [`00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    [`01-${TRACE}-${SPAN}-01-${'x'.repeat(500)}`],
  ])('is none: %j', (parent) => {
    expect(parse(parent)).toBeUndefined();
  });

  it('is none without its field, and none where it stands twice', () => {
    expect(parseTraceContext(['tracestate', 'a=1'])).toBeUndefined();
    expect(parseTraceContext(['traceparent', PARENT, 'traceparent', PARENT])).toBeUndefined();
  });

  it.each([
    ['a=1,b=2', 'a=1,b=2'],
    ['a=1 , \t b=2,, ', 'a=1,b=2'],
    ['tenant@system=v', 'tenant@system=v'],
    ['0tenant@s=v', '0tenant@s=v'],
    ['a=b c', 'a=b c'],
    ['a_-*/=x', 'a_-*/=x'],
    ['', undefined],
    [' , ', undefined],
    ['a', undefined],
    ['a=', undefined],
    ['=1', undefined],
    ['A=1', undefined],
    ['0a=1', undefined],
    ['a=1,a=2', undefined],
    ['a=1,b=2=3', undefined],
    ['a=é', undefined],
    ['a=\u0007', undefined],
    [`a=${'x'.repeat(257)}`, undefined],
    [`${'k'.repeat(257)}=1`, undefined],
    [Array.from({ length: 33 }, (_, at) => `k${at}=1`).join(), undefined],
    [`a=${'x'.repeat(250)},b=${'x'.repeat(250)},c=${'x'.repeat(20)}`, undefined],
  ])('keeps the state %j as %j, and stays though there is none', (state, kept) => {
    expect(parse(PARENT, state)).toMatchObject({ traceId: TRACE });
    expect(parse(PARENT, state)?.state).toBe(kept);
  });

  it('takes the lines of a state as one list', () => {
    expect(parse(PARENT, 'a=1', 'b=2')?.state).toBe('a=1,b=2');
    expect(parse(PARENT, 'a=1', 'a=2')?.state).toBeUndefined();
  });

  const hex = (length: number) => fc.string({ unit: fc.constantFrom(...HEX), minLength: length, maxLength: length });
  const contexts = fc.record({
    traceId: hex(32).filter((id) => !/^0+$/.test(id)),
    spanId: hex(16).filter((id) => !/^0+$/.test(id)),
    isSampled: fc.boolean(),
    state: fc.constantFrom(undefined, 'a=1', 'a=1,t@s=2'),
  });

  it('comes back as it was written', () => {
    fc.assert(
      fc.property(contexts, (context) => {
        expect(parseTraceContext(traceHeaders(context))).toEqual(context);
      }),
    );
  });

  it('never throws, and whatever it lets through is written back in one valid form', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.string({
        unit: fc.constantFrom(...HEX, ...'A F - , = @'.split(' '), ' ', '\t', '\r', '\n', '\0'),
        maxLength: 120,
      }),
      fc.tuple(contexts, fc.nat(54), fc.string({ maxLength: 2 })).map(([context, at, put]) => {
        const text = traceHeaders(context)[1] ?? '';
        return text.slice(0, at) + put + text.slice(at + 1);
      }),
    );
    fc.assert(
      fc.property(texts, texts, (parent, state) => {
        const context = parseTraceContext(['traceparent', parent, 'tracestate', state]);
        if (context === undefined) return;
        const [, written = '', , writtenState] = traceHeaders(context);
        expect(written).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-0[01]$/);
        expect(writtenState ?? '').toMatch(/^[\x20-\x7e]{0,512}$/);
        expect(parseTraceContext(traceHeaders(context))).toEqual(context);
      }),
      { numRuns: 3_000 },
    );
  });
});
