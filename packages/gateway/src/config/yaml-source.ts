import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Alias, Document, Pair, ParsedNode, Scalar, YAMLMap } from 'yaml';

import { pathText, printable } from './config-problem.ts';
import type { Position } from './config-problem.ts';
import { interpolate } from './interpolate.ts';
import type { ValueSource, ValueSources } from './interpolate.ts';
import { yamlHint } from './yaml-hints.ts';

/** A problem before the file's name is known. */
export interface SourceProblem {
  readonly path: string;
  readonly position: Position;
  readonly message: string;
  readonly hint: string;
}

/** A YAML text as plain values, with the position of each. */
export interface YamlSource {
  readonly value: unknown;
  readonly problems: readonly SourceProblem[];
  /** Path → where it stands. Of a block: its key. */
  readonly positions: ReadonlyMap<string, Position>;
  /** Path → where its interpolated parts came from. */
  readonly interpolated: ReadonlyMap<string, readonly ValueSource[]>;
  /** Files that `${file:…}` named. */
  readonly files: readonly string[];
}

/** Bounds on what one file may expand to: an alias repeats its anchor's nodes, and may do so exponentially. */
const BOUNDS: YamlBounds = { nodesMax: 20_000, depthMax: 32 };

/** How much one file may expand to. */
export interface YamlBounds {
  readonly nodesMax: number;
  readonly depthMax: number;
}

interface Walk {
  readonly document: Document;
  readonly lines: LineCounter;
  /** Undefined: text stands for itself. */
  readonly sources: ValueSources | undefined;
  readonly bounds: YamlBounds;
  readonly problems: SourceProblem[];
  readonly positions: Map<string, Position>;
  readonly interpolated: Map<string, readonly ValueSource[]>;
  readonly files: Set<string>;
  nodesLeft: number;
}

type Path = readonly (string | number)[];

/**
 * Parses YAML 1.2, with interpolation where there are sources for it. Never throws, whatever the text; refuses custom tags and
 * duplicate keys.
 */
export function readYaml(text: string, sources?: ValueSources, bounds: YamlBounds = BOUNDS): YamlSource {
  const lines = new LineCounter();
  const document = parse(text, lines);
  if (document === undefined) return failed('nests too deeply to be read');
  const walk: Walk = {
    document,
    lines,
    sources,
    bounds,
    problems: syntaxProblems(document, lines),
    positions: new Map(),
    interpolated: new Map(),
    files: new Set(),
    nodesLeft: bounds.nodesMax,
  };
  // After a syntax error the rest is guesswork: complaints about it would mislead.
  const value = walk.problems.length > 0 ? undefined : toValue(walk, document.contents, []);
  const { problems, positions, interpolated } = walk;
  return { value, problems, positions, interpolated, files: [...walk.files] };
}

function parse(text: string, lineCounter: LineCounter): Document | undefined {
  try {
    return parseDocument(text, {
      lineCounter,
      // Pretty errors quote the source, which may hold a secret.
      prettyErrors: false,
      stringKeys: true,
      schema: 'core',
      resolveKnownTags: false,
      merge: false,
      // Not `silent`: the library would then drop all documents but the first without a word.
      logLevel: 'error',
    });
  } catch (cause) {
    // The parser recurses: thousands of open brackets exhaust its stack.
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}

function failed(message: string): YamlSource {
  const problem = {
    path: '',
    position: { line: 1, column: 1 },
    message,
    hint: 'See docs/configuration.md for the form.',
  };
  return { value: undefined, problems: [problem], positions: new Map(), interpolated: new Map(), files: [] };
}

function syntaxProblems(document: Document, lines: LineCounter): SourceProblem[] {
  return [...document.errors, ...document.warnings].map((error) => ({
    path: '',
    position: positionAt(lines, error.pos[0]),
    ...yamlHint(error.code),
  }));
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function toValue(walk: Walk, node: unknown, path: Path): unknown {
  walk.nodesLeft -= 1;
  if (walk.nodesLeft <= 0 || path.length > walk.bounds.depthMax) return tooMuch(walk, path);
  if (isAlias(node)) return toAliased(walk, node, path);
  if (isMap(node)) return toObject(walk, node, path);
  if (isSeq(node)) return node.items.map((item, at) => toValue(walk, note(walk, item, [...path, at]), [...path, at]));
  return isScalar(node) ? toScalar(walk, node, path) : null;
}

function toAliased(walk: Walk, alias: Alias, path: Path): unknown {
  const target = alias.resolve(walk.document);
  if (target !== undefined) return toValue(walk, target, path);
  addProblem(walk, path, yamlHint('BAD_ALIAS'));
  return UNRESOLVED;
}

/** One problem however often the bound is hit: the walk above still visits siblings, each of which ends here at once. */
function tooMuch(walk: Walk, path: Path): undefined {
  if (walk.nodesLeft > 0 || !walk.problems.some((problem) => problem.message.startsWith('expands'))) {
    walk.problems.push({
      path: pathText(path.slice(0, 4)),
      position: walk.positions.get(pathText(path.slice(0, 4))) ?? { line: 1, column: 1 },
      message: 'expands to too much',
      hint: `At most ${String(walk.bounds.nodesMax)} values, ${String(walk.bounds.depthMax)} levels deep, aliases included.`,
    });
  }
  walk.nodesLeft = 0;
  return undefined;
}

function note(walk: Walk, node: unknown, path: Path): unknown {
  const start = rangeStart(node);
  if (start !== undefined && !walk.positions.has(pathText(path)))
    walk.positions.set(pathText(path), positionAt(walk.lines, start));
  return node;
}

function toObject(walk: Walk, map: YAMLMap, path: Path): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const pair of map.items) {
    if (walk.nodesLeft <= 0) break;
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const at = [...path, key];
    notePair(walk, pair, at);
    if (key === '__proto__') addProblem(walk, at, { message: 'is not a usable key', hint: 'Remove it.' });
    else object[key] = toValue(walk, pair.value, at);
  }
  return object;
}

/** A scalar's place is itself; a block's is its key, on whose line people look. */
function notePair(walk: Walk, pair: Pair, path: Path): void {
  const isBlock = isMap(pair.value) || isSeq(pair.value) || isEmpty(pair.value);
  note(walk, isBlock ? pair.key : pair.value, path);
  note(walk, pair.key, [...path, KEY]);
}

/** The path segment under which the position of a key itself is kept. */
export const KEY = '(key)';

function isEmpty(node: unknown): boolean {
  return !isScalar(node) || node.value === null;
}

function rangeStart(node: unknown): number | undefined {
  // Nodes that were parsed, not made by hand, have a range; the library's types leave that open.
  return (node as ParsedNode | null | undefined)?.range?.[0];
}

function toScalar(walk: Walk, scalar: Scalar, path: Path): unknown {
  if (typeof scalar.value !== 'string' || walk.sources === undefined) return scalar.value;
  const { text, used, files, failures } = interpolate(scalar.value, walk.sources);
  if (used.length > 0) walk.interpolated.set(pathText(path), used);
  for (const file of files) walk.files.add(file);
  for (const failure of failures) addProblem(walk, path, failure);
  return failures.length > 0 ? UNRESOLVED : text;
}

/** Stands for a value that could not be interpolated: it has its problem already, and needs no second. */
export const UNRESOLVED: unique symbol = Symbol('unresolved');

function addProblem(walk: Walk, path: Path, problem: { readonly message: string; readonly hint: string }): void {
  const text = pathText(path);
  const position = walk.positions.get(text) ?? { line: 1, column: 1 };
  walk.problems.push({ path: printable(text), position, ...problem });
}
