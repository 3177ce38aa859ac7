import type { PolicyProblem } from '../policy/problem.ts';
import type { Declaration } from './declarations.ts';
import { covers, overlaps } from './path-pattern.ts';

/** Kinds of which an operation can have only one, whatever the resource. */
const EXCLUSIVE: readonly string[] = ['creates', 'deletes', 'events', 'messages', 'unowned'];

/** What declarations that are each well-formed say against each other. All are of one upstream. */
export function contradictions(declarations: readonly Declaration[]): readonly PolicyProblem[] {
  return declarations.flatMap((declaration, at) => [
    ...alone(declaration, declarations),
    ...declarations.slice(at + 1).flatMap((other) => between(declaration, other)),
  ]);
}

function alone(declaration: Declaration, all: readonly Declaration[]): readonly PolicyProblem[] {
  const { config, pattern, facts, resource } = declaration;
  const guarded = all.some(
    (other) => other.facts.kind === 'guards' && other.resource === resource && covers(other.pattern, pattern),
  );
  if (facts.kind === 'guards') {
    if (pattern.idAt !== undefined) return [];
    return [
      { config, message: `"${pattern.text}" names no {id}.`, hint: 'Write {id} where the id of the object stands.' },
    ];
  }
  if (facts.kind === 'messages') return withoutEvents(declaration, all);
  if (facts.kind === 'deletes' && !guarded) {
    return [{ config, message: 'What is deleted here is not guarded.', hint: `Add "${pattern.text}" to guards.` }];
  }
  if (pattern.idAt !== undefined && (!guarded || facts.kind === 'creates')) {
    const hint = 'An object is named by {id} only below guards; give other placeholders another name.';
    return [{ config, message: `The {id} in "${pattern.text}" is not guarded.`, hint }];
  }
  return [];
}

function withoutEvents({ config, pattern }: Declaration, all: readonly Declaration[]): readonly PolicyProblem[] {
  if (all.some((other) => other.facts.kind === 'events' && other.pattern.text === pattern.text)) return [];
  const hint = `Add { path: ${pattern.text}, id: … } to events.`;
  return [{ config, message: 'Nothing says which messages may come down this socket (T7).', hint }];
}

function between(one: Declaration, other: Declaration): readonly PolicyProblem[] {
  const sameMethod = one.method === '*' || other.method === '*' || one.method === other.method;
  if (!sameMethod || !overlaps(one.pattern, other.pattern)) return [];
  if ((one.facts.kind === 'unowned') !== (other.facts.kind === 'unowned')) {
    const message = `This overlaps ${one.config}: an operation touches objects or is unowned, not both.`;
    return [{ config: other.config, message, hint: 'Narrow the unowned path.' }];
  }
  if (!isRepeated(one, other)) return [];
  const message = `This operation is declared twice: also by ${one.config}.`;
  return [{ config: other.config, message, hint: 'Keep one of them.' }];
}

function isRepeated(one: Declaration, other: Declaration): boolean {
  const { kind } = one.facts;
  if (kind !== other.facts.kind) return false;
  if (EXCLUSIVE.includes(kind)) return true;
  return one.resource === other.resource && one.method === other.method && one.pattern.text === other.pattern.text;
}
