/** Something that does not match a description. */
export interface ValueFault {
  /** JSON pointer into the value (RFC 6901); empty for the whole. */
  readonly pointer: string;
  /** In words, such as `must be >= 1`; never the value. */
  readonly rule: string;
}

/** Judges a value by a schema; names at most `most` faults. Implemented with a library for JSON Schema. */
export type ValueCheck = (value: unknown, most: number) => readonly ValueFault[];

/** What a schema says of the kinds of values, as far as reading text needs it. */
export interface ValueShape {
  readonly types: ReadonlySet<'string' | 'number' | 'boolean' | 'null' | 'array' | 'object'>;
  readonly items?: ValueShape;
  readonly properties?: Readonly<Record<string, ValueShape>>;
  /** Properties beside those, where the schema lets them be. */
  readonly additional?: ValueShape;
}

export type ParameterPlace = 'path' | 'query' | 'header' | 'cookie';

/** One parameter of an operation, with how it is written (OpenAPI 3.1 §4.8.12). */
export interface ApiParameter {
  /** Of headers: in lower case. */
  readonly name: string;
  readonly place: ParameterPlace;
  readonly isRequired: boolean;
  readonly mayBeEmpty: boolean;
  /** `json`: the text is a JSON document. */
  readonly style: ParameterStyle;
  readonly explode: boolean;
  readonly shape: ValueShape;
  readonly check: ValueCheck;
}

export type ParameterStyle =
  | 'simple'
  | 'label'
  | 'matrix'
  | 'form'
  | 'spaceDelimited'
  | 'pipeDelimited'
  | 'deepObject'
  | 'json';

/** What a body of one media type holds. */
export interface ApiContent {
  /** In lower case, without parameters: a type, or a range such as `image/*`. */
  readonly range: string;
  /** How it is read; `opaque` content is taken as it is. */
  readonly kind: 'json' | 'form' | 'multipart' | 'text' | 'opaque';
  readonly shape: ValueShape;
  readonly check: ValueCheck;
  /** Of forms: how fields are written that differ from the default. */
  readonly encodings: Readonly<Record<string, { readonly style: ParameterStyle; readonly explode: boolean }>>;
}

export interface ApiBody {
  readonly isRequired: boolean;
  readonly contents: readonly ApiContent[];
}

/** An operation of an API document. */
export interface ApiOperation {
  /** `GET /orders/{id}`, with the base path. */
  readonly name: string;
  readonly method: string;
  /** With the base path: `/v1/orders/{id}`. */
  readonly path: string;
  /** Where it stands: `openapi.yaml:12`. */
  readonly config: string;
  readonly parameters: readonly ApiParameter[];
  readonly body: ApiBody | undefined;
  /** Names that the query may hold beside its parameters: those of credentials. */
  readonly queryNames: readonly string[];
  /** By status, such as `200`, `4XX` or `default`. Empty where answers are not judged. */
  readonly answers: Readonly<Record<string, readonly ApiContent[]>>;
}

/** What was found for a request. */
export type ApiMatch =
  | { readonly kind: 'operation'; readonly operation: ApiOperation; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'no path' }
  | { readonly kind: 'no method'; readonly methods: readonly string[] };

/** An API document, ready to be asked. Immutable. */
export interface Api {
  /** The document, as the configuration names it. */
  readonly file: string;
  readonly operations: readonly ApiOperation[];
  /** `method` and `path` are canonical. */
  find(method: string, path: string): ApiMatch;
}
