import { ID_CHARS_MAX, type IdPattern, parseIdPattern } from './id-pattern.ts';

/** Tells in linear time whether a text is an id in its one canonical spelling (T9). */
export type IdGrammar = (id: string) => boolean;

/** States of one pattern: a longer one is refused, so that compiling stays cheap. */
const STATES_MAX = 2048;
/** Remembered sets of states: beyond it, steps are computed anew, which is slower and just as right. */
const KNOWN_MAX = 1024;

/** A place in the pattern. `codes`: reads one of them; otherwise it only leads on. */
interface State {
  readonly codes: ReadonlySet<number> | undefined;
  next: readonly number[];
}

/** A set of places reached at once, and where each character leads from there. */
interface Reached {
  readonly states: readonly number[];
  readonly accepts: boolean;
  readonly steps: Map<number, Reached>;
}

const DEAD: Reached = { states: [], accepts: false, steps: new Map() };

/**
 * Compiles an id pattern to a matcher that never backtracks, whatever the pattern or the id.
 *
 * @returns the matcher, or what is wrong with the pattern
 */
export function compileIdGrammar(text: string): IdGrammar | { readonly problem: string } {
  const pattern = parseIdPattern(text);
  if ('problem' in pattern) return pattern;
  if (sizeOf(pattern) > STATES_MAX) return { problem: 'repeats too much' };

  const matches = matcher(pattern);
  // Dot segments are resolved away in paths; an empty id would turn an object's path into the list's.
  const odd = ['', '.', '..'].find((id) => matches(id));
  if (odd !== undefined) return { problem: `matches "${odd}", which can be no id` };
  return matches;
}

function sizeOf(pattern: IdPattern): number {
  switch (pattern.kind) {
    case 'chars':
      return 1;
    case 'sequence':
      return pattern.parts.reduce((sum, part) => sum + sizeOf(part), 1);
    case 'choice':
      return pattern.options.reduce((sum, option) => sum + sizeOf(option), 1);
    case 'repeat':
      return (sizeOf(pattern.part) + 1) * (pattern.max === Infinity ? pattern.min + 1 : pattern.max) + 1;
  }
}

function matcher(pattern: IdPattern): IdGrammar {
  const states: State[] = [{ codes: undefined, next: [] }];
  const start = build(pattern, 0, states);
  const known = new Map<string, Reached>();
  const first = reach([start], states, known);
  return (id) => {
    if (id.length > ID_CHARS_MAX) return false;
    let reached = first;
    for (let at = 0; at < id.length; at += 1) {
      reached = step(reached, id.charCodeAt(at), { states, known });
      if (reached === DEAD) return false;
    }
    return reached.accepts;
  };
}

/** Adds the states of `pattern` in front of state `end`; returns where it starts. */
function build(pattern: IdPattern, end: number, states: State[]): number {
  switch (pattern.kind) {
    case 'chars':
      return states.push({ codes: pattern.codes, next: [end] }) - 1;
    case 'sequence':
      return pattern.parts.reduceRight((after, part) => build(part, after, states), end);
    case 'choice':
      return states.push({ codes: undefined, next: pattern.options.map((option) => build(option, end, states)) }) - 1;
    case 'repeat':
      return buildRepeat(pattern, end, states);
  }
}

function buildRepeat(pattern: IdPattern & { kind: 'repeat' }, end: number, states: State[]): number {
  const { part, min, max } = pattern;
  let start = end;
  if (max === Infinity) {
    const loop: State = { codes: undefined, next: [] };
    start = states.push(loop) - 1;
    loop.next = [build(part, start, states), end];
  }
  for (let copy = min; copy < max && max !== Infinity; copy += 1) {
    start = states.push({ codes: undefined, next: [build(part, start, states), end] }) - 1;
  }
  for (let copy = 0; copy < min; copy += 1) start = build(part, start, states);
  return start;
}

function step(from: Reached, code: number, machine: { states: State[]; known: Map<string, Reached> }): Reached {
  const remembered = from.steps.get(code);
  if (remembered !== undefined) return remembered;
  const { states, known } = machine;
  const targets = from.states.flatMap((at) => (states[at]?.codes?.has(code) === true ? (states[at]?.next ?? []) : []));
  const reached = reach(targets, states, known);
  // Bounded whatever is tried: dead ends are not kept, and nothing is once there are enough sets.
  if (reached !== DEAD && known.size < KNOWN_MAX) from.steps.set(code, reached);
  return reached;
}

/** The set of states that `targets` lead to without reading; the same set is the same object while there is room. */
function reach(targets: readonly number[], states: readonly State[], known: Map<string, Reached>): Reached {
  const seen = new Set(targets);
  for (const at of seen) {
    const state = states[at];
    if (state?.codes === undefined) state?.next.forEach((next) => seen.add(next));
  }
  if (seen.size === 0) return DEAD;
  const reading = [...seen].filter((at) => at === 0 || states[at]?.codes !== undefined).toSorted((a, b) => a - b);
  const name = reading.join();
  const same = known.get(name);
  if (same !== undefined) return same;
  const reached: Reached = { states: reading, accepts: seen.has(0), steps: new Map() };
  if (known.size < KNOWN_MAX) known.set(name, reached);
  return reached;
}
