import {
  type ApiBody,
  type ApiOperation,
  type ApiParameter,
  pathTemplate,
  type TemplatedOperation,
} from '@steadygate/core';

import { basePathsOf } from './base-paths.ts';
import { type DocumentSet, isBlock, member, membersOf, type Node } from './document-set.ts';
import { isKnownBlock } from './known-keys.ts';
import { type CheckOf, readContents } from './read-content.ts';
import { readParameter } from './read-parameter.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const STATUS = /^(?:[1-5]\d\d|[1-5]XX|default)$/;

/** What reading operations depends on. */
export interface OperationSource {
  readonly documents: DocumentSet;
  readonly root: Node;
  /** Instead of what the document's `servers` say. */
  readonly basePath: string | undefined;
  readonly requestCheck: CheckOf;
  /** Undefined: answers are not judged. */
  readonly answerCheck: CheckOf | undefined;
}

/** Reads every operation of a document. */
export function readOperations(source: OperationSource): readonly TemplatedOperation[] {
  const { documents, root } = source;
  const paths = member(root, 'paths');
  if (paths === undefined || !isBlock(paths)) {
    documents.report(paths ?? root, 'describes no paths', 'Write paths: with at least one path.');
    return [];
  }
  const entries = membersOf(paths).filter(([path]) => !path.startsWith('x-'));
  sayTwins(documents, entries);
  return entries.flatMap(([path, node]) => readPath(source, path, node));
}

/** `/a/{x}` and `/a/{y}` are the same path. */
function sayTwins(documents: DocumentSet, entries: readonly (readonly [string, Node])[]): void {
  const shapes = new Map<string, string>();
  for (const [path, node] of entries) {
    const shape = path.replaceAll(/\{[^{}]*\}/g, '{}');
    const twin = shapes.get(shape);
    if (twin !== undefined) documents.report(node, 'is the same path as one before', `That is ${twin}.`);
    shapes.set(shape, path);
  }
}

function readPath(source: OperationSource, path: string, written: Node): readonly TemplatedOperation[] {
  const { documents, root } = source;
  const node = documents.resolved(written);
  if (node === undefined || !isKnownBlock(documents, node, 'path')) return [];
  return METHODS.flatMap((method) => {
    const operation = member(node, method);
    if (operation === undefined || !isKnownBlock(documents, operation, 'operation')) return [];
    const bases = source.basePath === undefined ? basePathsOf(documents, [root, node, operation]) : [source.basePath];
    return bases.flatMap((base) => readOperation(source, { path: `${base}${path}`, method, node, operation }));
  });
}

interface Found {
  readonly path: string;
  readonly method: string;
  readonly node: Node;
  readonly operation: Node;
}

function readOperation(source: OperationSource, found: Found): readonly TemplatedOperation[] {
  const { documents } = source;
  const template = pathTemplate(found.path);
  if ('problem' in template) {
    documents.report(found.node, template.problem, 'For example /orders/{id}.');
    return [];
  }
  const parameters = parametersOf(source, found);
  sayUndeclared(documents, found, { declared: parameters, names: template.names });
  const method = found.method.toUpperCase();
  const operation: ApiOperation = {
    name: `${method} ${found.path}`,
    method,
    path: found.path,
    config: documents.placeText(found.operation),
    parameters,
    body: bodyOf(source, found.operation),
    queryNames: credentialNames(source.root),
    answers: answersOf(source, found.operation),
  };
  return [{ template, operation }];
}

/** Those of the operation replace those of its path. */
function parametersOf(
  { documents, requestCheck }: OperationSource,
  { node, operation }: Found,
): readonly ApiParameter[] {
  const read = [node, operation].flatMap((holder) =>
    membersOf(member(holder, 'parameters')).flatMap(([, each]) => readParameter(documents, each, requestCheck) ?? []),
  );
  return [...new Map(read.map((parameter) => [`${parameter.place} ${parameter.name}`, parameter])).values()];
}

function sayUndeclared(
  documents: DocumentSet,
  { operation }: Found,
  { declared, names }: { declared: readonly ApiParameter[]; names: readonly string[] },
): void {
  const own = declared.filter(({ place }) => place === 'path').map(({ name }) => name);
  const missing = names.find((name) => !own.includes(name));
  const further = own.find((name) => !names.includes(name));
  if (missing !== undefined)
    documents.report(operation, `does not describe {${missing}} of its path`, 'Add a parameter.');
  if (further !== undefined)
    documents.report(operation, `describes {${further}}, which its path does not have`, 'Remove it.');
}

function bodyOf({ documents, requestCheck }: OperationSource, operation: Node): ApiBody | undefined {
  const written = member(operation, 'requestBody');
  const node = written === undefined ? undefined : documents.resolved(written);
  if (node === undefined || !isKnownBlock(documents, node, 'body')) return undefined;
  const contents = readContents(documents, member(node, 'content'), requestCheck);
  if (contents.length === 0) documents.report(node, 'has no content', 'Write content: with a media type.');
  return { isRequired: member(node, 'required')?.value === true, contents };
}

function answersOf({ documents, answerCheck }: OperationSource, operation: Node): ApiOperation['answers'] {
  if (answerCheck === undefined) return {};
  const entries = membersOf(member(operation, 'responses')).flatMap(([status, written]) => {
    const node = documents.resolved(written);
    if (node === undefined || status.startsWith('x-') || !isKnownBlock(documents, node, 'answer')) return [];
    if (!STATUS.test(status)) documents.report(written, 'is no status', 'For example "200", 4XX or default.');
    return [[status, readContents(documents, member(node, 'content'), answerCheck)] as const];
  });
  return Object.fromEntries(entries);
}

/** Credentials in the query are described apart from the parameters. */
function credentialNames(root: Node): readonly string[] {
  const components = member(root, 'components');
  const schemes = components === undefined ? undefined : member(components, 'securitySchemes');
  return membersOf(schemes).flatMap(([, scheme]) => {
    const name = member(scheme, 'name')?.value;
    return member(scheme, 'in')?.value === 'query' && typeof name === 'string' ? [name] : [];
  });
}
