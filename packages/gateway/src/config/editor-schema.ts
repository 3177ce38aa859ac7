import { asNode } from './schema-keys.ts';
import { configJsonSchema } from './schema.ts';

/** Text with a placeholder is welcome where the schema wants a number, a flag or one of several words. */
const PLACEHOLDER = { type: 'string', pattern: '\\$\\{' };

/** The JSON Schema for editors, as the file's text: what loads, it accepts, placeholders included. */
export function editorSchema(): string {
  const schema = asNode(loosened(configJsonSchema())) ?? {};
  return `${JSON.stringify({ ...schema, title: 'Steadygate configuration' }, undefined, 2)}\n`;
}

function loosened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loosened);
  const node = asNode(value);
  if (node === undefined) return value;
  const inner = Object.fromEntries(Object.entries(node).map(([key, child]) => [key, loosened(child)]));
  if (!isNarrow(node)) return inner;
  const { description, default: fallback, ...rest } = inner;
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [rest, PLACEHOLDER],
  };
}

function isNarrow(node: Readonly<Record<string, unknown>>): boolean {
  return node['type'] === 'integer' || node['type'] === 'boolean' || Array.isArray(node['enum']);
}
