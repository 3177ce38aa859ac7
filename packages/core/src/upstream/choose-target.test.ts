import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Balance, type Choice, chooseTarget, isInService, isSpare, nextPass } from './choose-target.ts';

interface Fake {
  readonly name: string;
  weight: number;
  inFlight: number;
  pass: number;
  isUp: boolean;
  ejectedUntilMs: number;
}

const NOW = 1_000;
const choice = (more: Partial<Choice> = {}): Choice => ({
  balance: 'roundRobin',
  nowMs: NOW,
  tried: [],
  onlyInService: false,
  ...more,
});
const fake = (name: string, more: Partial<Fake> = {}): Fake => ({
  name,
  weight: 1,
  inFlight: 0,
  pass: 0,
  isUp: true,
  ejectedUntilMs: 0,
  ...more,
});

/** Chooses `count` times, as a pool does. */
function turns(targets: readonly Fake[], count: number, more: Partial<Choice> = {}): readonly string[] {
  let floor = Math.min(...targets.map(({ pass }) => pass));
  return Array.from({ length: count }, () => {
    const target = chooseTarget(targets, choice(more));
    if (target === undefined) return 'none';
    const { pass } = target;
    target.pass = nextPass(target, floor);
    floor = Math.max(floor, pass);
    return target.name;
  });
}

const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

describe('round robin', () => {
  test('takes turns', () => {
    expect(turns([fake('a'), fake('b'), fake('c')], 6).join('')).toBe('abcabc');
  });

  test('spreads the turns of a heavy target', () => {
    expect(turns([fake('a', { weight: 3 }), fake('b')], 8).join('')).toBe('abaaabaa');
  });

  test('gives each target its weight, to within one turn of each other one, after any number of requests', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 200 }), (given, count) => {
        const chosen = turns(
          given.map((weight, at) => fake(String(at), { weight })),
          count,
        );
        const whole = given.reduce((sum, weight) => sum + weight, 0);
        for (const [at, weight] of given.entries()) {
          const got = chosen.filter((name) => name === String(at)).length;
          expect(Math.abs(got - (count * weight) / whole)).toBeLessThanOrEqual(given.length);
        }
      }),
    );
  });

  test('a target that was away catches nothing up', () => {
    const [a, b] = [fake('a'), fake('b', { ejectedUntilMs: NOW + 1 })];
    expect(turns([a, b], 100).join('')).toBe('a'.repeat(100));
    b.ejectedUntilMs = 0;
    let floor = 99;
    const after = Array.from({ length: 10 }, () => {
      const target = chooseTarget([a, b], choice()) ?? a;
      const { pass } = target;
      target.pass = nextPass(target, floor);
      floor = Math.max(floor, pass);
      return target.name;
    });
    expect(after.filter((name) => name === 'b').length).toBeLessThanOrEqual(6);
  });
});

describe('least connections', () => {
  test('prefers who has least in flight, for its weight, and takes turns among equals', () => {
    const balance: Balance = 'leastConnections';
    expect(turns([fake('a', { inFlight: 2 }), fake('b', { inFlight: 1 })], 2, { balance })).toEqual(['b', 'b']);
    expect(turns([fake('a', { inFlight: 5, weight: 4 }), fake('b', { inFlight: 1 })], 1, { balance })).toEqual(['a']);
    expect(turns([fake('a'), fake('b')], 4, { balance }).join('')).toBe('abab');
  });

  test('long streams on one target send the others to the rest', () => {
    const targets = [fake('a', { inFlight: 10 }), fake('b'), fake('c')];
    let floor = 0;
    for (let count = 0; count < 18; count += 1) {
      const target = chooseTarget(targets, choice({ balance: 'leastConnections' }));
      if (target === undefined) break;
      floor = Math.max(floor, target.pass);
      target.pass = nextPass(target, floor);
      target.inFlight += 1;
    }
    expect(targets.map(({ inFlight }) => inFlight)).toEqual([10, 9, 9]);
  });
});

const anyFake = fc.record({
  name: fc.string(),
  weight: fc.integer({ min: 1, max: 9 }),
  inFlight: fc.nat(50),
  pass: fc.nat(50),
  isUp: fc.boolean(),
  ejectedUntilMs: fc.constantFrom(0, NOW, NOW + 1),
});
const anyBalance = fc.constantFrom<Balance>('roundRobin', 'leastConnections');

describe('who is left out', () => {
  test('nobody in service is passed over for one that is not', () => {
    fc.assert(
      fc.property(fc.array(anyFake, { minLength: 1, maxLength: 5 }), anyBalance, (targets, balance) => {
        const target = chooseTarget(targets, choice({ balance }));
        expect(target).toBeDefined();
        if (targets.some((one) => isInService(one, NOW))) expect(target && isInService(target, NOW)).toBe(true);
      }),
    );
  });

  test('with none in service, those that are up come before those that are down', () => {
    const ejected = fake('ejected', { ejectedUntilMs: NOW + 1, pass: 9, inFlight: 9 });
    expect(chooseTarget([fake('down', { isUp: false }), ejected], choice())).toBe(ejected);
    expect(chooseTarget([fake('down', { isUp: false })], choice())?.name).toBe('down');
  });

  test('a retry gets a target in service that was not tried, or none', () => {
    fc.assert(
      fc.property(fc.array(anyFake, { minLength: 1, maxLength: 5 }), anyBalance, (targets, balance) => {
        const first = chooseTarget(targets, choice({ balance }));
        const tried = first === undefined ? [] : [first];
        const second = chooseTarget(targets, choice({ balance, tried, onlyInService: true }));
        if (second === undefined) expect(targets.filter((one) => one !== first && isInService(one, NOW))).toEqual([]);
        else expect([second === first, isInService(second, NOW)]).toEqual([false, true]);
      }),
    );
  });

  test('the last in service is not spare', () => {
    const [a, b] = [fake('a'), fake('b', { isUp: false })];
    expect([isSpare(a, [a, b], NOW), isSpare(b, [a, b], NOW), isSpare(a, [a], NOW)]).toEqual([false, true, false]);
  });
});
