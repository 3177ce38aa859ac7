import { nearestName } from '../config/suggest.ts';
import { type DocumentSet, isBlock, membersOf, type Node } from './document-set.ts';

/** The blocks of a document, with the keys that each may have beside `x-…`. */
const KEYS = {
  document: 'openapi info servers paths components security tags externalDocs webhooks jsonSchemaDialect',
  path: '$ref summary description servers parameters get put post delete options head patch trace',
  operation:
    'tags summary description externalDocs operationId parameters requestBody responses callbacks deprecated security servers',
  parameter:
    'name in description required deprecated allowEmptyValue style explode allowReserved schema example examples content',
  body: 'description content required',
  content: 'schema example examples encoding',
  encoding: 'contentType headers style explode allowReserved',
  answer: 'description headers content links',
} as const;

/** Says whether a node is a block of a kind; unknown keys are problems, since a misspelt one would judge nothing. */
export function isKnownBlock(documents: DocumentSet, node: Node, kind: keyof typeof KEYS): boolean {
  if (!isBlock(node)) {
    documents.report(node, `is no ${kind}`, 'Write a block of keys.');
    return false;
  }
  const known: readonly string[] = KEYS[kind].split(' ');
  for (const [name, child] of membersOf(node)) {
    if (known.includes(name) || name.startsWith('x-')) continue;
    const near = nearestName(name, known);
    const hint = near === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean \`${near}\`?`;
    documents.report(child, `is no key of this ${kind}`, hint);
  }
  return true;
}
