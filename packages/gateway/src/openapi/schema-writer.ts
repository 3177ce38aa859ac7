import { type DocumentSet, isBlock, member, membersOf, type Node } from './document-set.ts';
import { FORMATS } from './formats.ts';
import { type Dialect, type Keyword, keywordsOf, type PlainKind } from './keywords.ts';
import { wrongValue } from './keyword-values.ts';
import { linearPattern } from './linear-pattern.ts';
import { listsProperties, markedProperties, schemasOfValue } from './schema-facts.ts';

/** Which way values go: what is `readOnly` is not sent, what is `writeOnly` does not come back. */
export type Direction = 'request' | 'answer';

export interface WriterOptions {
  readonly dialect: Dialect;
  readonly direction: Direction;
  /** Whether properties that no schema lists are refused. */
  readonly isClosed: boolean;
}

type Written = Record<string, unknown>;

/** Where a schema is read: what it means for the value around it. */
interface Scope {
  readonly kind: 'value' | 'same' | 'test';
  /** Properties that do not travel in this direction. */
  readonly hidden: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();
/** Keyword of our own: the value is judged by the check of this name. */
export const CALL = 'sgCall';

const REFERENCES_MAX = 32;
const HIDING = { request: 'readOnly', answer: 'writeOnly' } as const;

/**
 * Writes schemas of a document anew in JSON Schema 2020-12, in one dialect whatever the document's version, with unknown
 * properties refused unless they are allowed, and with references that stay within what it has written.
 *
 * Everything that a reader could take in two ways is a problem, with its line: unknown keywords, values of another kind,
 * patterns that could take very long.
 */
export class SchemaWriter {
  readonly #documents: DocumentSet;
  readonly #options: WriterOptions;
  readonly #keywords: Readonly<Record<string, Keyword>>;
  readonly #names = new Map<string, string>();
  readonly #waiting: { readonly name: string; readonly schema: Node }[] = [];
  /** References that are followed for one value: one that comes again would never end. */
  #trail: string[] = [];
  /** Each under a name of its own. */
  readonly definitions: Record<string, Written | boolean> = {};

  constructor(documents: DocumentSet, options: WriterOptions) {
    this.#documents = documents;
    this.#options = options;
    this.#keywords = keywordsOf(options.dialect);
  }

  /** Gives the name under which the schema of a value of its own is defined, once `finish()` was called. */
  define(schema: Node): string {
    const { name, isNew } = this.#nameOf(idOf(schema, 'value'));
    // Later: documents may refer on and on.
    if (isNew) this.#waiting.push({ name, schema });
    return name;
  }

  /** Writes everything that was asked for, and what that refers to. Gives the names of all values. */
  finish(): readonly string[] {
    const values: string[] = [];
    for (let next = this.#waiting.pop(); next !== undefined; next = this.#waiting.pop()) {
      this.definitions[next.name] = this.#write(next.schema, { kind: 'value', hidden: NONE });
      values.push(next.name);
    }
    return values;
  }

  /** Of a schema that judges the same value as the one that refers to it. */
  #definePart(schema: Node, kind: 'same' | 'test'): string | undefined {
    const id = idOf(schema, kind);
    if (this.#trail.includes(id)) return undefined;
    const { name, isNew } = this.#nameOf(id);
    if (!isNew) return name;
    this.#trail.push(id);
    this.definitions[name] = this.#write(schema, { kind, hidden: NONE });
    this.#trail.pop();
    return name;
  }

  #nameOf(id: string): { readonly name: string; readonly isNew: boolean } {
    const known = this.#names.get(id);
    const name = known ?? `s${this.#names.size}`;
    this.#names.set(id, name);
    return { name, isNew: known === undefined };
  }

  #write(schema: Node, scope: Scope): Written | boolean {
    if (typeof schema.value === 'boolean') return schema.value;
    if (!isBlock(schema)) {
      this.#documents.report(schema, 'is no schema', 'Write a block of keywords, true or false.');
      return true;
    }
    const alone = scope.kind === 'value' ? this.#aloneReference(schema) : undefined;
    if (alone !== undefined) return alone;
    const schemas = scope.kind === 'test' ? [] : schemasOfValue(this.#documents, schema);
    const mark = HIDING[this.#options.direction];
    const own = scope.kind === 'test' ? NONE : markedProperties(this.#documents, schemas, mark);
    const hidden = new Set([...scope.hidden, ...own]);
    const written = this.#writeKeywords(schema, { ...scope, hidden });
    return scope.kind === 'value' && this.#options.isClosed ? closed(written, schemas) : written;
  }

  #writeKeywords(schema: Node, scope: Scope): Written {
    const reference = member(schema, '$ref');
    const referred = reference === undefined ? {} : this.#writeReference(reference, scope);
    // In 3.0 nothing beside a reference counts.
    if (reference !== undefined && this.#options.dialect === '3.0') return referred;
    const written: Written = referred;
    for (const [name, node] of membersOf(schema)) {
      if (name === '$ref' || name.startsWith('x-')) continue;
      Object.assign(written, this.#writeKeyword(name, node, scope));
    }
    return this.#options.dialect === '3.0' ? modern(written) : written;
  }

  /** A value that another schema judges by itself: called, not taken in, so that no chain of references is too long. */
  #aloneReference(schema: Node): Written | undefined {
    let target: Node | undefined = schema;
    for (let count = 0; count < REFERENCES_MAX; count += 1) {
      const reference = this.#onlyReference(target);
      if (reference === undefined) return target === schema ? undefined : { [CALL]: this.define(target) };
      target = this.#documents.target(reference);
      if (target === undefined) return {};
    }
    return this.#refuse(schema, 'refers to itself without end', 'Refer to something that ends.');
  }

  /** The reference of a schema that says nothing else; in 3.0 nothing beside one counts. */
  #onlyReference(schema: Node): Node | undefined {
    const reference = isBlock(schema) ? member(schema, '$ref') : undefined;
    if (reference === undefined || this.#options.dialect === '3.0') return reference;
    const others = membersOf(schema).filter(
      ([name]) => this.#keywords[name]?.kind !== 'note' && !name.startsWith('x-'),
    );
    return others.length > 1 ? undefined : reference;
  }

  #writeReference(reference: Node, { kind }: Scope): Written {
    const target = this.#documents.target(reference);
    if (target === undefined) return {};
    // The value is judged where the reference stands: what it names is part of that.
    const name = this.#definePart(target, kind === 'test' ? 'test' : 'same');
    if (name === undefined) return this.#refuse(reference, 'refers to itself without end', 'Put properties between.');
    return { $ref: `#/$defs/${name}` };
  }

  /** Below a value a reference may come again. */
  #writeWithin(keyword: 'value' | 'same' | 'test', write: () => Written): Written {
    if (keyword !== 'value') return write();
    const trail = this.#trail;
    this.#trail = [];
    const written = write();
    this.#trail = trail;
    return written;
  }

  #writeKeyword(name: string, node: Node, scope: Scope): Written {
    const keyword = Object.hasOwn(this.#keywords, name) ? this.#keywords[name] : undefined;
    if (keyword === undefined) return this.#refuse(node, 'is no keyword of this version', KEYWORD_HINT);
    switch (keyword.kind) {
      case 'note':
        return {};
      case 'refused':
        return this.#refuse(node, 'is not supported', keyword.hint);
      case 'schema':
        return this.#writeWithin(keyword.scope, () => ({ [name]: this.#write(node, within(keyword.scope, scope)) }));
      case 'schemas':
        return this.#writeWithin(keyword.scope, () => ({
          [name]: membersOf(node).map(([, each]) => this.#write(each, within(keyword.scope, scope))),
        }));
      case 'named':
        return this.#writeWithin(keyword.scope, () => ({
          [name]: this.#writeNamed(node, within(keyword.scope, scope), name === 'properties' ? scope.hidden : NONE),
        }));
      default:
        return this.#writePlain(name, node, { kind: keyword.kind, hidden: scope.hidden });
    }
  }

  #writeNamed(node: Node, inner: Scope, hidden: ReadonlySet<string>): Written {
    const isPattern = node.segments.at(-1) === 'patternProperties';
    return Object.fromEntries(
      membersOf(node).map(([name, each]) => {
        if (isPattern) this.#judgePattern(each, name);
        return [name, hidden.has(name) ? false : this.#write(each, inner)];
      }),
    );
  }

  #writePlain(name: string, node: Node, { kind, hidden }: { kind: PlainKind; hidden: ReadonlySet<string> }): Written {
    const { value } = node;
    const wrong = wrongValue(kind, value);
    if (wrong !== undefined) return this.#refuse(node, `is not ${wrong}`, 'See the specification of JSON Schema.');
    if (kind === 'pattern') this.#judgePattern(node, String(value));
    if (kind === 'format' && !Object.hasOwn(FORMATS, String(value))) {
      this.#documents.warn(node, 'is a format that is not checked', `Known: ${Object.keys(FORMATS).join(', ')}.`);
      return {};
    }
    // A judged list of names.
    if (kind === 'names') return { [name]: (value as readonly string[]).filter((each) => !hidden.has(each)) };
    return { [name]: value };
  }

  #judgePattern(node: Node, pattern: string): void {
    const judged = linearPattern(pattern);
    if ('problem' in judged) this.#documents.report(node, `has a pattern that ${judged.problem}`, judged.hint);
  }

  #refuse(node: Node, message: string, hint: string): Written {
    this.#documents.report(node, message, hint);
    return {};
  }
}

const KEYWORD_HINT = 'Names of your own begin with x-.';

function idOf({ file, segments }: Node, kind: Scope['kind']): string {
  return JSON.stringify([file.path, segments, kind]);
}

function within(scope: Scope['kind'], { kind, hidden }: Scope): Scope {
  // Under `not`, what is stricter inside is laxer outside.
  if (kind === 'test') return { kind, hidden: NONE };
  return { kind: scope, hidden: scope === 'same' ? hidden : NONE };
}

/** Refuses properties that no schema of the value lists. */
function closed(written: Written, schemas: readonly Node[]): Written {
  if ('additionalProperties' in written || 'unevaluatedProperties' in written) return written;
  if (!listsProperties(schemas)) return written;
  // Cheaper, and the same where nothing is combined.
  const isAlone = schemas.length === 1;
  return { ...written, [isAlone ? 'additionalProperties' : 'unevaluatedProperties']: false };
}

/** What version 3.0 writes otherwise (OpenAPI 3.0.4 §4.7.24). */
function modern(written: Written): Written {
  const { nullable, exclusiveMinimum, exclusiveMaximum, ...rest } = written;
  const { minimum, maximum, ...others } = rest;
  const type = nullable === true && typeof rest['type'] === 'string' ? { type: [rest['type'], 'null'] } : {};
  return {
    ...others,
    ...type,
    ...(minimum === undefined ? {} : { [exclusiveMinimum === true ? 'exclusiveMinimum' : 'minimum']: minimum }),
    ...(maximum === undefined ? {} : { [exclusiveMaximum === true ? 'exclusiveMaximum' : 'maximum']: maximum }),
  };
}
