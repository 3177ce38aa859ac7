/** How the value of a keyword that holds no schema is written. */
export type PlainKind =
  | 'count'
  | 'number'
  | 'text'
  | 'flag'
  | 'names'
  | 'list'
  | 'any'
  | 'types'
  | 'pattern'
  | 'format';

/** How a keyword's value is written, and what it means for the values below it. */
export type Keyword =
  /** A limit or fact, copied as it stands. */
  | { readonly kind: PlainKind }
  /** A schema, or several; `value` ones judge a value of their own, `same` ones the same value again, `test` ones only ask. */
  | { readonly kind: 'schema' | 'schemas' | 'named'; readonly scope: 'value' | 'same' | 'test' }
  /** Says something to people, not about values. */
  | { readonly kind: 'note' }
  /** Known, and not understood here. */
  | { readonly kind: 'refused'; readonly hint: string };

const NOTE: Keyword = { kind: 'note' };
const COUNT: Keyword = { kind: 'count' };
const NUMBER: Keyword = { kind: 'number' };
const refused = (hint: string): Keyword => ({ kind: 'refused', hint });
const PATHS = 'Name schemas by their path: $ref: "#/components/schemas/…".';

/** What both versions know (OpenAPI 3.0.4 §4.7.24; JSON Schema 2020-12). */
const COMMON: Readonly<Record<string, Keyword>> = {
  type: { kind: 'types' },
  enum: { kind: 'list' },
  multipleOf: NUMBER,
  maximum: NUMBER,
  minimum: NUMBER,
  maxLength: COUNT,
  minLength: COUNT,
  pattern: { kind: 'pattern' },
  format: { kind: 'format' },
  maxItems: COUNT,
  minItems: COUNT,
  uniqueItems: { kind: 'flag' },
  maxProperties: COUNT,
  minProperties: COUNT,
  required: { kind: 'names' },
  properties: { kind: 'named', scope: 'value' },
  additionalProperties: { kind: 'schema', scope: 'value' },
  items: { kind: 'schema', scope: 'value' },
  allOf: { kind: 'schemas', scope: 'same' },
  anyOf: { kind: 'schemas', scope: 'same' },
  oneOf: { kind: 'schemas', scope: 'same' },
  not: { kind: 'schema', scope: 'test' },
  title: NOTE,
  description: NOTE,
  default: NOTE,
  example: NOTE,
  deprecated: NOTE,
  readOnly: NOTE,
  writeOnly: NOTE,
  xml: NOTE,
  externalDocs: NOTE,
  // What it chooses is among `oneOf` or `anyOf`, which judge.
  discriminator: NOTE,
};

const OF_30: Readonly<Record<string, Keyword>> = {
  ...COMMON,
  exclusiveMaximum: { kind: 'flag' },
  exclusiveMinimum: { kind: 'flag' },
  nullable: { kind: 'flag' },
};

const OF_31: Readonly<Record<string, Keyword>> = {
  ...COMMON,
  const: { kind: 'any' },
  exclusiveMaximum: NUMBER,
  exclusiveMinimum: NUMBER,
  maxContains: COUNT,
  minContains: COUNT,
  contains: { kind: 'schema', scope: 'test' },
  prefixItems: { kind: 'schemas', scope: 'value' },
  unevaluatedItems: { kind: 'schema', scope: 'value' },
  unevaluatedProperties: { kind: 'schema', scope: 'value' },
  patternProperties: { kind: 'named', scope: 'value' },
  propertyNames: { kind: 'schema', scope: 'test' },
  dependentSchemas: { kind: 'named', scope: 'same' },
  dependentRequired: { kind: 'any' },
  if: { kind: 'schema', scope: 'test' },
  // eslint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { kind: 'schema', scope: 'same' },
  else: { kind: 'schema', scope: 'same' },
  examples: NOTE,
  contentEncoding: NOTE,
  contentMediaType: NOTE,
  contentSchema: NOTE,
  $comment: NOTE,
  $schema: NOTE,
  $defs: NOTE,
  definitions: NOTE,
  nullable: refused("Version 3.1 writes type: [string, 'null']."),
  $id: refused(PATHS),
  $anchor: refused(PATHS),
  $dynamicRef: refused(PATHS),
  $dynamicAnchor: refused(PATHS),
};

/** The version of OpenAPI that a document is written in. */
export type Dialect = '3.0' | '3.1';

/** Every keyword that a schema of this version may have. */
export function keywordsOf(dialect: Dialect): Readonly<Record<string, Keyword>> {
  return dialect === '3.0' ? OF_30 : OF_31;
}
