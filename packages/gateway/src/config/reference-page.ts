import { asNode, branches } from './schema-keys.ts';
import { configJsonSchema } from './schema.ts';

type Node = Readonly<Record<string, unknown>>;

/** One key of the reference. */
export interface ReferenceRow {
  readonly path: string;
  readonly type: string;
  /** As written in a configuration; undefined: required, or absent by default. */
  readonly defaultText: string | undefined;
  readonly isRequired: boolean;
  readonly description: string;
}

const INTRODUCTION = `# Configuration

Steadygate reads one YAML file, \`steadygate.yaml\`, and never writes it. Unknown keys and wrong values stop the start, with
file, line and a hint; \`steadygate check\` says the same without starting. This page and \`steadygate.schema.json\` are
generated from the schema in \`packages/gateway/src/config\`.

For completion in your editor, begin the file with the path to the schema:

    # yaml-language-server: $schema=./node_modules/steadygate/steadygate.schema.json

**Values.** Durations are a number with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\` (\`15m\`), sizes one with \`B\`, \`KiB\`, \`MiB\` or \`GiB\`
(\`1MiB\`), rates a number per time (\`300/15m\`, \`10/s\`).

**Variables and files.** In any text value, \`\${NAME}\` is the variable, \`\${NAME:-default}\` has a default for when it is
missing or empty, and \`\${file:path}\` is what a file holds, without its last line break; the path is relative to the
configuration. \`$\${\` stands for the characters \`\${\`. Secrets belong in files of mode 600 or in variables, never here.

**Reload.** A change of the file, or of a file that it names, is taken over at once, as is \`SIGHUP\`. A configuration with a
problem is reported, and the one before stays.

**Environment.** Without a word about it a configuration is for production, which refuses to start on a critical weak setting.
`;

/** Every key of the schema, parents before their children. */
export function referenceRows(): readonly ReferenceRow[] {
  return childRows(asNode(configJsonSchema()) ?? {}, '');
}

/** The reference page as Markdown. */
export function referencePage(): string {
  const rows = referenceRows();
  const sections = rows.filter(({ path }) => !/[.[]/.test(path)).map((section) => sectionText(section, rows));
  return [INTRODUCTION, ...sections].join('\n');
}

function sectionText(section: ReferenceRow, rows: readonly ReferenceRow[]): string {
  const own = rows.filter(({ path }) => path.startsWith(`${section.path}.`) || path.startsWith(`${section.path}[`));
  const lines = [`## \`${section.path}\``, '', section.description, '', facts(section), ''];
  if (own.length === 0) return lines.join('\n');
  const table = own.map((row) => {
    const cells = [`\`${row.path}\``, row.type, defaultCell(row), row.description];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [...lines, '| Key | Type | Default | Means |', '| --- | --- | --- | --- |', ...table, ''].join('\n');
}

function facts(row: ReferenceRow): string {
  const fallback = defaultCell(row);
  return `Type: ${row.type}.${fallback === '' ? '' : ` Default: ${fallback}.`}`;
}

function defaultCell({ defaultText, isRequired }: ReferenceRow): string {
  if (defaultText !== undefined) return `\`${defaultText}\``;
  return isRequired ? '**required**' : '';
}

function childRows(node: Node, path: string): readonly ReferenceRow[] {
  const all = branches(node);
  // "One or several": the rows of the list say it all.
  const lists = all.filter((branch) => branch['type'] === 'array');
  return (lists.length > 0 ? lists : all).flatMap((branch) => [
    ...propertyRows(branch, path),
    ...nestedRows(branch['items'], `${path}[]`),
    ...nestedRows(branch['additionalProperties'], `${path}.<name>`),
  ]);
}

function propertyRows(node: Node, path: string): readonly ReferenceRow[] {
  const required = Array.isArray(node['required']) ? node['required'] : [];
  return Object.entries(asNode(node['properties']) ?? {}).flatMap(([name, value]) => {
    const child = asNode(value) ?? {};
    const at = path === '' ? name : `${path}.${name}`;
    return [rowOf(child, at, required.includes(name)), ...childRows(child, at)];
  });
}

/** Elements and named entries have no row of their own unless they say something. */
function nestedRows(value: unknown, path: string): readonly ReferenceRow[] {
  const node = asNode(value);
  return node === undefined ? [] : childRows(node, path);
}

function rowOf(node: Node, path: string, isRequired: boolean): ReferenceRow {
  const description = typeof node['description'] === 'string' ? node['description'] : '';
  return { path, type: typeText(node), defaultText: defaultOf(node), isRequired, description };
}

function defaultOf(node: Node): string | undefined {
  const value = node['default'];
  // The default of a block is that of its keys.
  if (value === undefined || (asNode(value) !== undefined && Object.keys(asNode(value) ?? {}).length === 0))
    return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function typeText(node: Node): string {
  return [...new Set(branches(node).map(branchType))].join(' or ');
}

function branchType(node: Node): string {
  if (Array.isArray(node['enum'])) return node['enum'].map((value) => `\`${String(value)}\``).join(', ');
  if (typeof node['const'] === 'string') return `\`${node['const']}\``;
  if (typeof node['unit'] === 'string') return `${node['unit']}${boundsText(node['least'], node['most'])}`;
  switch (node['type']) {
    case 'integer':
      return `number${boundsText(node['minimum'], node['maximum'])}`;
    case 'boolean':
      return '`true`, `false`';
    case 'array':
      return `list of ${typeText(asNode(node['items']) ?? {})}`;
    case 'object':
      return asNode(node['additionalProperties']) === undefined ? 'block' : 'block of names';
    default:
      return 'text';
  }
}

function boundsText(least: unknown, most: unknown): string {
  const isWritten = (bound: unknown) => typeof bound === 'string' || typeof bound === 'number';
  return isWritten(least) && isWritten(most) ? ` ${least} to ${most}` : '';
}
