import type { ApiContent, ParameterStyle, ValueCheck } from '@steadygate/core';

import { type DocumentSet, member, membersOf, type Node, textOf } from './document-set.ts';
import { isKnownBlock } from './known-keys.ts';
import { shapeOf } from './schema-facts.ts';

/** Gives the check of a schema, which can be asked when the whole document was read. */
export type CheckOf = (schema: Node) => ValueCheck;

const TYPE = /^(?:\*\/\*|[\w.+!#$&^-]+\/(?:\*|[\w.+!#$&^-]+))$/;
const FORM_STYLES: readonly ParameterStyle[] = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'];

/** Reads what a body or an answer may hold, by media type. */
export function readContents(documents: DocumentSet, contents: Node | undefined, checkOf: CheckOf): ApiContent[] {
  return membersOf(contents).flatMap(([type, node]) => {
    const range = type.split(';', 1).join('').trim().toLowerCase();
    if (!TYPE.test(range)) {
      documents.report(node, 'is no media type', 'For example application/json.');
      return [];
    }
    return isKnownBlock(documents, node, 'content') ? [contentOf(documents, { range, node }, checkOf)] : [];
  });
}

function contentOf(
  documents: DocumentSet,
  { range, node }: { range: string; node: Node },
  checkOf: CheckOf,
): ApiContent {
  const schema = member(node, 'schema');
  const kind = schema === undefined ? 'opaque' : kindOf(range);
  if (schema !== undefined && kind === 'opaque' && !isBinary(range)) {
    documents.warn(schema, `is not judged: nobody here reads ${range}`, 'Its type is judged, and its size.');
  }
  const isRead = schema !== undefined && kind !== 'opaque';
  return {
    range,
    kind,
    shape: isRead && kind !== 'json' ? shapeOf(documents, schema) : { types: new Set() },
    check: isRead ? checkOf(schema) : () => [],
    encodings: encodingsOf(documents, node),
  };
}

function kindOf(range: string): ApiContent['kind'] {
  if (/^[\w.-]+\/(?:[\w.+-]+\+)?json$/.test(range)) return 'json';
  if (range === 'application/x-www-form-urlencoded') return 'form';
  if (range === 'multipart/form-data') return 'multipart';
  return range.startsWith('text/') && !range.includes('xml') ? 'text' : 'opaque';
}

function isBinary(range: string): boolean {
  return /^(?:image|audio|video|font|\*)\/|octet-stream|pdf|zip/.test(range);
}

function encodingsOf(documents: DocumentSet, content: Node): ApiContent['encodings'] {
  const entries = membersOf(member(content, 'encoding')).flatMap(([name, node]) => {
    if (!isKnownBlock(documents, node, 'encoding')) return [];
    const isJson = /\bjson\b/.test(textOf(member(node, 'contentType')));
    const style = isJson ? 'json' : FORM_STYLES.find((each) => each === member(node, 'style')?.value);
    if (style === undefined) return [];
    return [[name, { style, explode: member(node, 'explode')?.value ?? style === 'form' }] as const];
  });
  return Object.fromEntries(entries.map(([name, { style, explode }]) => [name, { style, explode: explode === true }]));
}
