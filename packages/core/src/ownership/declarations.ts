import { compileJsonPath, isPlural } from '../json/path.ts';
import type { OwnershipPolicy } from '../policy/policy.ts';
import type { PolicyProblem } from '../policy/problem.ts';
import { compileIdGrammar } from './id-grammar.ts';
import type { JsonPath, Operation, Resource, SocketMessages } from './operation.ts';
import { compilePathPattern, type PathPattern } from './path-pattern.ts';

/** What one line of the configuration says of the operations it matches. */
export type Facts =
  | { readonly kind: 'guards' | 'deletes' }
  | { readonly kind: 'creates' | 'events'; readonly at: JsonPath }
  | { readonly kind: 'ids'; readonly at: readonly Operation['requestIds'][number]['at'][] }
  | { readonly kind: 'lists'; readonly at: readonly JsonPath[] }
  | { readonly kind: 'messages'; readonly messages: SocketMessages }
  | { readonly kind: 'unowned'; readonly reason: string };

/** One declaration: for which operations, and what. */
export interface Declaration {
  readonly resource: Resource;
  /** `*` for every method. */
  readonly method: string;
  readonly pattern: PathPattern;
  readonly config: string;
  readonly facts: Facts;
}

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Collects problems while one resource's policy is read. */
interface Reading {
  readonly resource: Resource;
  readonly problems: PolicyProblem[];
}

/** Reads one resource's policy line by line; a line with a problem yields no declaration. */
export function readDeclarations(policy: OwnershipPolicy): {
  declarations: readonly Declaration[];
  problems: readonly PolicyProblem[];
} {
  const problems: PolicyProblem[] = [];
  const resource = readResource(policy, problems);
  const reading: Reading = { resource, problems };
  const declarations = [
    ...policy.guards.flatMap((path, at) =>
      declare(reading, { config: `guards[${at}]`, operation: `* ${path}` }, () => ({ kind: 'guards' })),
    ),
    ...policy.deletes.flatMap((operation, at) =>
      declare(reading, { config: `deletes[${at}]`, operation }, () => ({ kind: 'deletes' })),
    ),
    ...readOperations(reading, policy),
    ...readStreams(reading, policy),
  ];
  return { declarations, problems };
}

function readResource(policy: OwnershipPolicy, problems: PolicyProblem[]): Resource {
  const { upstream, resource: name, config } = policy;
  const grammar = compileIdGrammar(policy.idPattern);
  if (typeof grammar === 'function') return { upstream, name, config, isId: grammar };

  const hint = 'Use characters, classes such as [0-9a-f], \\d, \\w, (?:…), | and quantifiers.';
  problems.push({ config: `${config}.idPattern`, message: `This id pattern ${grammar.problem}.`, hint });
  return { upstream, name, config, isId: () => false };
}

function readOperations(reading: Reading, policy: OwnershipPolicy): readonly Declaration[] {
  const each = <T>(
    key: string,
    lines: Readonly<Record<string, T>>,
    read: (value: T, line: Line) => Facts | undefined,
  ) =>
    Object.entries(lines).flatMap(([operation, value]) =>
      declare(reading, { config: `${key}["${operation}"]`, operation }, (line) => read(value, line)),
    );
  return [
    ...each('creates', policy.creates, (path, line) => single('creates', path, line)),
    ...each('ids', policy.ids, (paths, line) => {
      const at = paths.flatMap((path) => readRequestId(path, line));
      return { kind: 'ids', at };
    }),
    ...each('lists', policy.lists, (paths, line) => {
      const at = paths.flatMap((path) => readPath(path, line) ?? []);
      return { kind: 'lists', at };
    }),
    ...each('unowned', policy.unowned, (reason) => ({ kind: 'unowned', reason })),
  ];
}

function readStreams(reading: Reading, policy: OwnershipPolicy): readonly Declaration[] {
  const { resource } = reading;
  return [
    ...policy.events.flatMap(({ path, id }, at) =>
      declare(reading, { config: `events[${at}]`, operation: `GET ${path}` }, (line) => single('events', id, line)),
    ),
    ...policy.messages.flatMap(({ path, ...message }, at) =>
      declare(reading, { config: `messages[${at}]`, operation: `GET ${path}` }, (line) => {
        const type = single('events', message.type, line);
        const id = single('events', message.id, line);
        if (type === undefined || id === undefined) return undefined;
        const send = new Map(Object.entries(message.send));
        return { kind: 'messages', messages: { resource, type: type.at, id: id.at, send } };
      }),
    ),
  ];
}

/** One line of the configuration, where problems of it are told. */
interface Line {
  problem(message: string, hint: string): undefined;
}

function declare(
  { resource, problems }: Reading,
  where: { config: string; operation: string },
  read: (line: Line) => Facts | undefined,
): Declaration[] {
  const config = `${resource.config}.${where.config}`;
  const line: Line = { problem: (message, hint) => void problems.push({ config, message, hint }) };
  const [method = '', path = '', ...rest] = where.operation.split(' ');
  if (rest.length > 0 || (method !== '*' && !METHODS.includes(method))) {
    line.problem(
      `"${where.operation}" is no operation.`,
      `Write a method (${METHODS.join(', ')}), a space and a path.`,
    );
    return [];
  }
  const pattern = compilePathPattern(path);
  if ('problem' in pattern) {
    line.problem(`The path ${pattern.problem}.`, 'Write it as /literal/{id}/**, with ** only at the end.');
    return [];
  }
  const facts = read(line);
  return facts === undefined ? [] : [{ resource, method, pattern, config, facts }];
}

function readPath(text: string, line: Line): JsonPath | undefined {
  const path = compileJsonPath(text);
  if (!('problem' in path)) return path;
  return line.problem(`"${text}": ${path.problem}.`, "Write it as $.name['other name'][*].id.");
}

function single<Kind extends 'creates' | 'events'>(
  kind: Kind,
  text: string,
  line: Line,
): { kind: Kind; at: JsonPath } | undefined {
  const at = readPath(text, line);
  if (at === undefined) return undefined;
  if (isPlural(at)) return line.problem(`"${text}" names many values.`, 'Name the one value, without [*].');
  return { kind, at };
}

function readRequestId(text: string, line: Line): Operation['requestIds'][number]['at'][] {
  if (text.startsWith('query:')) {
    const query = text.slice('query:'.length);
    if (/^[A-Za-z0-9][\w-]*$/.test(query)) return [{ query }];
    line.problem(`"${text}" names no query parameter.`, 'Write it as query:name, with letters, digits, - and _.');
    return [];
  }
  const body = readPath(text, line);
  return body === undefined ? [] : [{ body }];
}
