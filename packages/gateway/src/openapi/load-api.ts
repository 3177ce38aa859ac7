import { type Api, apiOf, type TemplatedOperation, type ValueCheck } from '@steadygate/core';

import { type ConfigProblem, formatConfigProblem } from '../config/config-problem.ts';
import { type DocumentReader, DocumentSet, member, type Node, textOf } from './document-set.ts';
import { isKnownBlock } from './known-keys.ts';
import type { Dialect } from './keywords.ts';
import { readOperations } from './read-operations.ts';
import type { CheckOf } from './read-content.ts';
import { type Direction, SchemaWriter } from './schema-writer.ts';
import { type Checks, compileChecks } from './value-checks.ts';

/** Which document, and how it is meant. */
export interface ApiSource {
  /** As the configuration names it. */
  readonly file: string;
  /** Where it is. */
  readonly path: string;
  /** Instead of what `servers` say. */
  readonly basePath: string | undefined;
  /** Whether properties that no schema lists are refused. */
  readonly isClosed: boolean;
  readonly judgesAnswers: boolean;
}

/** A document that is ready, or everything that is wrong with it. `files` are all that were looked at. */
export type LoadedApi =
  | {
      readonly ok: true;
      readonly api: Api;
      readonly warnings: readonly ConfigProblem[];
      readonly files: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[]; readonly files: readonly string[] };

/** Reads and compiles an OpenAPI 3.0 or 3.1 document. Never throws, whatever it holds; asks no network (T14). */
export function loadApi(source: ApiSource, reader: DocumentReader): LoadedApi {
  const documents = new DocumentSet(source, reader);
  const root = documents.root();
  if (root === undefined) return failed(documents);
  try {
    const operations = compiled(documents, root, source);
    if (documents.problems.length > 0) return failed(documents);
    const { files, warnings } = documents;
    return { ok: true, api: apiOf(source.file, operations), warnings: unique(warnings), files };
  } catch (cause) {
    // Ajv's own words, or a stack that is too deep.
    const reason = cause instanceof Error ? cause.message : 'of an unknown reason';
    documents.report(root, 'cannot be compiled', `The reason: ${reason.slice(0, 200)}`);
    return failed(documents);
  }
}

/** @throws Error when a schema cannot be compiled */
function compiled(documents: DocumentSet, root: Node, source: ApiSource): readonly TemplatedOperation[] {
  const dialect = dialectOf(documents, root);
  if (dialect === undefined) return [];
  const { isClosed, judgesAnswers, basePath } = source;
  const requests = schemaChecks(documents, { dialect, direction: 'request', isClosed });
  const answers = schemaChecks(documents, { dialect, direction: 'answer', isClosed });
  const answerCheck = judgesAnswers ? answers.checkOf : undefined;
  const operations = readOperations({ documents, root, basePath, requestCheck: requests.checkOf, answerCheck });
  requests.finish();
  answers.finish();
  if (documents.problems.length > 0) return [];
  if (operations.length === 0) documents.report(root, 'describes no operation', 'Add one to a path.');
  requests.compile();
  answers.compile();
  return operations;
}

function failed({ problems, files }: DocumentSet): LoadedApi {
  return { ok: false, problems: unique(problems), files };
}

/** Each once, by place: what several operations refer to is read for each of them. */
function unique(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const byText = new Map(problems.map((problem) => [formatConfigProblem(problem), problem]));
  return [...byText.values()].toSorted(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );
}

const DIALECTS = ['https://spec.openapis.org/oas/3.1/dialect/base', 'https://json-schema.org/draft/2020-12/schema'];

function dialectOf(documents: DocumentSet, root: Node): Dialect | undefined {
  if (!isKnownBlock(documents, root, 'document')) return undefined;
  const version = member(root, 'openapi');
  const found = /^(3\.[01])\.\d+(?:-[\w.]+)?$/.exec(textOf(version))?.[1];
  if (found === undefined) {
    documents.report(
      version ?? root,
      'is no OpenAPI of version 3.0 or 3.1',
      'Write openapi: "3.1.0", and convert older documents.',
    );
    return undefined;
  }
  const other = member(root, 'jsonSchemaDialect');
  if (other !== undefined && !DIALECTS.includes(textOf(other))) {
    documents.report(other, 'is another dialect of JSON Schema', 'Remove it: schemas are read as 2020-12.');
  }
  return found === '3.0' ? '3.0' : '3.1';
}

interface SchemaChecks {
  readonly checkOf: CheckOf;
  /** Writes what was asked for; problems are in the documents then. */
  finish(): void;
  /** @throws Error */
  compile(): void;
}

function schemaChecks(
  documents: DocumentSet,
  options: { readonly dialect: Dialect; readonly direction: Direction; readonly isClosed: boolean },
): SchemaChecks {
  const writer = new SchemaWriter(documents, options);
  let names: readonly string[] = [];
  let checks: Checks | undefined;
  return {
    checkOf(schema) {
      const name = writer.define(schema);
      let check: ValueCheck | undefined;
      return (value, most) => {
        check ??= checks?.check(name);
        if (check === undefined) throw new Error('a check was asked before its document was compiled');
        return check(value, most);
      };
    },
    finish() {
      names = writer.finish();
    },
    compile() {
      if (names.length > 0) checks = compileChecks(writer.definitions, names);
    },
  };
}
