import type { ApiParameter, ParameterPlace, ParameterStyle } from '@steadygate/core';

import { type DocumentSet, member, membersOf, type Node, textOf } from './document-set.ts';
import { isKnownBlock } from './known-keys.ts';
import type { CheckOf } from './read-content.ts';
import { shapeOf } from './schema-facts.ts';

/* The styles of each place, its default first (OpenAPI 3.1 §4.8.12). */
const STYLES: Readonly<Record<ParameterPlace, readonly [ParameterStyle, ...ParameterStyle[]]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

/* OpenAPI 3.1 §4.8.12.2.1: these are described elsewhere. */
const OTHER_HEADERS = ['accept', 'content-type', 'authorization'];

/** Reads one parameter; undefined after a problem, or where nothing is to be judged. */
export function readParameter(documents: DocumentSet, written: Node, checkOf: CheckOf): ApiParameter | undefined {
  const node = documents.resolved(written);
  if (node === undefined || !isKnownBlock(documents, node, 'parameter')) return undefined;
  const named = nameOf(documents, node);
  const schema = named === undefined ? undefined : schemaOf(documents, node);
  if (named === undefined || schema === undefined) return undefined;
  const isRequired = member(node, 'required')?.value === true;
  if (named.place === 'path' && !isRequired)
    documents.report(node, 'is a path parameter without required: true', 'Add it.');
  return {
    ...named,
    isRequired,
    mayBeEmpty: member(node, 'allowEmptyValue')?.value === true,
    ...styleOf(documents, { node, place: named.place, isJson: schema.isJson }),
    shape: shapeOf(documents, schema.node),
    check: checkOf(schema.node),
  };
}

function nameOf(documents: DocumentSet, node: Node): Pick<ApiParameter, 'name' | 'place'> | undefined {
  const written = member(node, 'in');
  // The keys of the table are the places.
  const place = (Object.keys(STYLES) as ParameterPlace[]).find((each) => each === written?.value);
  const name = textOf(member(node, 'name'));
  if (place === undefined)
    documents.report(written ?? node, 'has no place', 'Write in: path, query, header or cookie.');
  if (name === '') documents.report(node, 'has no name', 'Write name: and the name as it is sent.');
  if (place === undefined || name === '') return undefined;
  if (place === 'header' && OTHER_HEADERS.includes(name.toLowerCase())) return undefined;
  return { place, name: place === 'header' ? name.toLowerCase() : name };
}

function schemaOf(documents: DocumentSet, node: Node): { readonly node: Node; readonly isJson: boolean } | undefined {
  const schema = member(node, 'schema');
  if (schema !== undefined) return { node: schema, isJson: false };
  const [content, ...others] = membersOf(member(node, 'content'));
  const inner = content === undefined ? undefined : member(content[1], 'schema');
  if (content === undefined || inner === undefined || others.length > 0) {
    documents.report(node, 'has no schema', 'Write schema:, or content: with one media type and its schema.');
    return undefined;
  }
  return { node: inner, isJson: /\bjson$/.test(content[0]) };
}

function styleOf(
  documents: DocumentSet,
  { node, place, isJson }: { readonly node: Node; readonly place: ParameterPlace; readonly isJson: boolean },
): Pick<ApiParameter, 'style' | 'explode'> {
  if (isJson) return { style: 'json', explode: false };
  const written = member(node, 'style');
  const [usual] = STYLES[place];
  const style = written === undefined ? usual : STYLES[place].find((each) => each === written.value);
  if (style === undefined)
    documents.report(written ?? node, `is no style of the ${place}`, `One of: ${STYLES[place].join(', ')}.`);
  const explode = member(node, 'explode')?.value ?? (style === 'form' || style === 'deepObject');
  // A cookie cannot hold one value in several.
  return { style: place === 'cookie' ? 'simple' : (style ?? usual), explode: explode === true };
}
