import { type DocumentSet, member, membersOf, type Node } from './document-set.ts';

/** The paths under which operations are served: of the nearest `servers`, or the root (OpenAPI 3.1 §4.8.5). */
export function basePathsOf(documents: DocumentSet, holders: readonly Node[]): readonly string[] {
  const servers = holders.map((holder) => member(holder, 'servers')).findLast((node) => membersOf(node).length > 0);
  const paths = membersOf(servers).map(([, server]) => basePathOf(documents, server));
  return paths.length === 0 ? [''] : [...new Set(paths)];
}

function basePathOf(documents: DocumentSet, server: Node): string {
  const url = member(server, 'url');
  if (url === undefined || typeof url.value !== 'string') {
    documents.report(url ?? server, 'has no url', 'Write url: /v1, or an address.');
    return '';
  }
  const filled = url.value.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => defaultOf(server, name));
  const base = 'http://document.invalid';
  if (!URL.canParse(filled, base)) {
    documents.report(url, 'is no address', 'For example https://api.example.com/v1, or /v1.');
    return '';
  }
  return new URL(filled, base).pathname.replace(/\/+$/, '');
}

function defaultOf(server: Node, name: string): string {
  const variable = membersOf(member(server, 'variables')).find(([own]) => own === name)?.[1];
  const value = variable === undefined ? undefined : member(variable, 'default')?.value;
  return typeof value === 'string' ? value : '';
}
