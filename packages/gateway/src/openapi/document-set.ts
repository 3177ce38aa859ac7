import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

import type { ConfigProblem, Position } from '../config/config-problem.ts';
import { pathText, printable } from '../config/config-problem.ts';
import type { FileValue } from '../config/interpolate.ts';
import { readYaml } from '../config/yaml-source.ts';

/** One file of an API document. */
interface SourceFile {
  /** As messages name it. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly value: unknown;
  readonly positions: ReadonlyMap<string, Position>;
}

/** A value in a document, and where it stands. */
export interface Node {
  readonly value: unknown;
  readonly file: SourceFile;
  readonly segments: readonly (string | number)[];
}

const BOUNDS = { nodesMax: 500_000, depthMax: 100 };
const REFERENCES_MAX = 32;

/** What documents are read from: nothing but files (T14). */
export interface DocumentReader {
  /** Reads a file by its absolute path. */
  readonly read: (path: string) => FileValue;
}

/**
 * The files of one API document: the one that is configured, and those beside or below it that it refers to (T14).
 *
 * Collects everything that is wrong with them, with file and line.
 */
export class DocumentSet {
  readonly problems: ConfigProblem[] = [];
  readonly warnings: ConfigProblem[] = [];
  readonly #files = new Map<string, SourceFile | undefined>();
  readonly #reader: DocumentReader;
  readonly #folder: string;
  readonly #main: string;
  readonly #shownFolder: string;

  constructor({ path, file }: { readonly path: string; readonly file: string }, reader: DocumentReader) {
    this.#main = resolve(path);
    this.#shownFolder = dirname(file);
    this.#folder = dirname(this.#main);
    this.#reader = reader;
  }

  /** Every file that was looked at. */
  get files(): readonly string[] {
    return [...this.#files.keys()];
  }

  /** The document itself; undefined when it cannot be read, which is a problem then. */
  root(): Node | undefined {
    const file = this.#open(this.#main);
    return file === undefined ? undefined : { value: file.value, file, segments: [] };
  }

  /** Says that something is wrong, where it stands. */
  report(node: Node, message: string, hint: string): void {
    this.problems.push(this.#placed(node, message, hint));
  }

  /** Says that something loads and is probably not meant. */
  warn(node: Node, message: string, hint: string): void {
    this.warnings.push(this.#placed(node, message, hint));
  }

  /** Where a node stands, for people: `openapi.yaml:12`. */
  placeText(node: Node): string {
    return `${node.file.name}:${positionOf(node).line}`;
  }

  /** What a node says, its `$ref` followed; undefined after a problem. */
  resolved(node: Node): Node | undefined {
    let at = node;
    for (let count = 0; count < REFERENCES_MAX; count += 1) {
      const reference = member(at, '$ref');
      if (reference === undefined) return at;
      const target = this.target(reference);
      if (target === undefined) return undefined;
      at = target;
    }
    this.report(node, 'refers to itself', 'Refer to something that ends.');
    return undefined;
  }

  /** What a `$ref` names; undefined after a problem. */
  target(reference: Node): Node | undefined {
    const { value } = reference;
    if (typeof value !== 'string') return this.#refused(reference, 'is no reference', 'Write `#/components/…`.');
    const [file = '', pointer = ''] = value.split('#', 2);
    const source = file === '' ? reference.file : this.#beside(reference, file);
    if (source === undefined) return undefined;
    const root: Node = { value: source.value, file: source, segments: [] };
    return (
      this.#find(root, pointer) ?? this.#refused(reference, 'names nothing', 'Look for a name that is spelt otherwise.')
    );
  }

  #find(root: Node, pointer: string): Node | undefined {
    if (pointer === '') return root;
    if (!pointer.startsWith('/')) return undefined;
    let at: Node | undefined = root;
    for (const token of pointer.slice(1).split('/')) {
      const name = decoded(token);
      at = at === undefined || name === undefined ? undefined : member(at, name);
    }
    return at;
  }

  #beside(reference: Node, name: string): SourceFile | undefined {
    if (/^[a-z][a-z\d+.-]*:|^\/\//i.test(name)) {
      this.#refused(reference, 'points outside of this machine', 'Put what it names into a file beside the document.');
      return undefined;
    }
    const path = resolve(dirname(reference.file.path), name);
    const way = relative(this.#folder, path);
    if (way.startsWith('..') || isAbsolute(way)) {
      this.#refused(reference, 'points out of the folder of the document', 'Put what it names beside the document.');
      return undefined;
    }
    const file = this.#open(path);
    if (file === undefined)
      this.#refused(reference, 'names a file that cannot be used', `Looked at ${printable(name)}.`);
    return file;
  }

  #refused(node: Node, message: string, hint: string): undefined {
    this.report(node, message, hint);
    return undefined;
  }

  #open(path: string): SourceFile | undefined {
    if (!this.#files.has(path)) this.#files.set(path, this.#read(path));
    return this.#files.get(path);
  }

  #read(path: string): SourceFile | undefined {
    const read = this.#reader.read(path);
    const name = join(this.#shownFolder, relative(this.#folder, path));
    if ('error' in read) {
      const hint = `Looked at ${read.path}.`;
      this.problems.push({ file: name, line: 1, column: 1, path: '', message: read.error, hint });
      return undefined;
    }
    // JSON may be indented with tabs, YAML may not.
    const text = path.endsWith('.json') ? read.text.replaceAll('\t', ' ') : read.text;
    const { value, problems, positions } = readYaml(text, undefined, BOUNDS);
    this.problems.push(...problems.map(({ position, ...problem }) => ({ file: name, ...position, ...problem })));
    return problems.length > 0 ? undefined : { name, path, value, positions };
  }

  #placed(node: Node, message: string, hint: string): ConfigProblem {
    return {
      file: node.file.name,
      ...positionOf(node),
      path: printable(pathText(node.segments.slice(-4))),
      message,
      hint,
    };
  }
}

/** The position of a node, or of the nearest one around it that is written. */
function positionOf({ file, segments }: Node): Position {
  for (let length = segments.length; length > 0; length -= 1) {
    const position = file.positions.get(pathText(segments.slice(0, length)));
    if (position !== undefined) return position;
  }
  return { line: 1, column: 1 };
}

/** RFC 6901 §6: percent-encoded in a fragment, `~1` for `/`. */
function decoded(token: string): string | undefined {
  try {
    return decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return undefined;
  }
}

/** A member of an object, or an element of a list; undefined where there is none. */
export function member(node: Node, name: string): Node | undefined {
  const { value, file, segments } = node;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const key = Array.isArray(value) ? Number(name) : name;
  // An own property of any object can be read by its name.
  return { value: (value as Readonly<Record<string, unknown>>)[name], file, segments: [...segments, key] };
}

/** The members of an object with their names, or the elements of a list; nothing of anything else. */
export function membersOf(node: Node | undefined): readonly (readonly [string, Node])[] {
  if (typeof node?.value !== 'object' || node.value === null) return [];
  return Object.keys(node.value).flatMap((name) => {
    const child = member(node, name);
    return child === undefined ? [] : [[name, child] as const];
  });
}

/** Whether a node is an object. */
export function isBlock({ value }: Node): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a node; empty when it is none. */
export function textOf(node: Node | undefined): string {
  return typeof node?.value === 'string' ? node.value : '';
}
