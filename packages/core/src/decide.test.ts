import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { context, principal } from '../test/fixtures.ts';
import { decide } from './decide.ts';
import { deny, type Guard, type GuardContext, PASS, type Verdict } from './guard.ts';
import { ProblemError } from './problem.ts';

type Evaluate = (ctx: GuardContext) => Verdict | Promise<Verdict>;

function guard(evaluate: Evaluate, changes: Partial<Guard> = {}): Guard {
  return { id: 'g', phase: 'screen', onError: 'deny', evaluate, ...changes };
}

const refusing = guard(() => deny('permission-denied', { rule: 'r' }), { id: 'refusing' });
const never = guard(() => {
  throw new Error('must not run');
});
const fail: Evaluate = () => {
  throw new Error('lost');
};

describe('decide', () => {
  it('allows what no guard refuses, without a promise', () => {
    expect(decide([], context())).toEqual({ outcome: 'allow', principal: undefined, findings: [], answerHeaders: [] });
    expect(decide([guard(() => PASS)], context())).toMatchObject({ outcome: 'allow' });
  });

  it('ends at the first denial', () => {
    expect(decide([refusing, never], context())).toMatchObject({
      outcome: 'deny',
      denial: { guard: 'refusing', code: 'permission-denied' },
      findings: [{ guard: 'refusing', rule: 'r' }],
    });
  });

  it('ends at an answer of the gate', () => {
    const answering = guard(() => ({ kind: 'answer', status: 204, answerHeaders: ['allow', 'GET'] }));
    expect(decide([answering, never], context())).toMatchObject({
      outcome: 'answer',
      status: 204,
      answerHeaders: ['allow', 'GET'],
    });
  });

  it('tells later guards who calls, and collects fields of all', async () => {
    const who = principal();
    const seen: unknown[] = [];
    const guards = [
      guard(() => Promise.resolve({ kind: 'identify', principal: who, answerHeaders: ['a', '1'] })),
      guard((ctx) => {
        seen.push(ctx.principal);
        return Promise.resolve({ kind: 'pass', answerHeaders: ['b', '2'] });
      }),
      refusing,
    ];
    const decision = await decide(guards, context());
    expect(seen).toEqual([who]);
    expect(decision).toMatchObject({ outcome: 'deny', principal: who, answerHeaders: ['a', '1', 'b', '2'] });
  });

  it('T3: a shadow denial is recorded and not enforced; a guard that is off does not run', () => {
    const decision = decide(
      [
        { ...refusing, mode: 'shadow' },
        { ...never, mode: 'off' },
      ],
      context(),
    );
    expect(decision).toMatchObject({ outcome: 'allow', findings: [{ guard: 'refusing', rule: 'r', shadow: true }] });
  });

  it('T3: a guard without a mode, or with enforce, is enforced', () => {
    expect(decide([{ ...refusing, mode: 'enforce' }], context())).toMatchObject({ outcome: 'deny' });
  });

  it('T11: a guard that fails denies, and its failure stays inside', async () => {
    const sync = decide([guard(fail)], context());
    const later = await decide([guard(() => Promise.reject(new Error('lost')))], context());
    for (const decision of [sync, later]) {
      expect(decision).toMatchObject({
        outcome: 'deny',
        denial: { code: 'unavailable', facts: {} },
        cause: { message: 'lost' },
      });
    }
  });

  it('passes over a failed guard only where that is written down, and records it', () => {
    const decision = decide([guard(fail, { onError: 'pass' })], context());
    expect(decision).toMatchObject({
      outcome: 'allow',
      findings: [{ guard: 'g', rule: 'guard failed' }],
      cause: { message: 'lost' },
    });
  });

  it('takes a thrown problem for a refusal, even where failures pass', async () => {
    const problem = new ProblemError('body-too-large', { detail: 'At most 9.' }, { cause: 'socket' });
    const throwing = guard(() => Promise.reject(problem), { onError: 'pass' });
    expect(await decide([throwing], context())).toMatchObject({
      outcome: 'deny',
      denial: { code: 'body-too-large', facts: { detail: 'At most 9.' } },
      cause: 'socket',
    });
  });

  it('survives holes in a list of guards', async () => {
    // A list with a hole is what `noUncheckedIndexedAccess` makes us expect.
    const holed = [undefined, refusing] as unknown as Guard[];
    expect(decide(holed, context())).toMatchObject({ outcome: 'deny' });
  });

  it('decides the same whether guards answer at once or later, and never throws', async () => {
    const kinds = fc.constantFrom<Evaluate>(
      () => PASS,
      () => deny('not-found', { rule: 'x' }),
      fail,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(kinds, fc.constantFrom('deny', 'pass'), fc.boolean()), { maxLength: 6 }),
        async (all) => {
          const now = all.map(([evaluate, onError]) => guard(evaluate, { onError }));
          const mixed = all.map(([evaluate, onError, late]) => {
            return guard(late ? async (ctx) => evaluate(ctx) : evaluate, { onError });
          });
          expect(await decide(mixed, context())).toEqual(await decide(now, context()));
        },
      ),
    );
  });
});
