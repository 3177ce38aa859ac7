/** How a body is read for its texts. */
export interface BodyKind {
  readonly kind: 'json' | 'lines' | 'form' | 'multipart' | 'xml' | 'text' | 'unknown' | 'binary';
  /** The content type as it was sent. */
  readonly type: string;
}

const KINDS: readonly (readonly [BodyKind['kind'], RegExp])[] = [
  ['lines', /^(?:application|text)\/(?:[\w.-]*\+)?(?:x-)?(?:ndjson|jsonl|json-lines|json-seq|stream\+json)\b/],
  ['json', /^(?:application|text)\/(?:[\w.+-]+\+)?json5?\s*(?:;|$)/],
  ['form', /^application\/x-www-form-urlencoded\s*(?:;|$)/],
  ['multipart', /^multipart\//],
  ['xml', /^(?:application|text)\/(?:[\w.+-]+\+)?xml\s*(?:;|$)/],
  ['text', /^text\/|^application\/(?:graphql|(?:x-)?yaml|javascript|sql)\b/],
  [
    'binary',
    /^(?:image|audio|video|font|model)\/|^application\/(?:octet-stream|pdf|zip|gzip|wasm|x-tar|grpc|protobuf)\b/,
  ],
];

/** How a body of this content type is read; of types nobody knows, by what it looks like. */
export function bodyKindOf(type: string): BodyKind {
  const bare = type.trim().toLowerCase();
  return { kind: KINDS.find(([, pattern]) => pattern.test(bare))?.[0] ?? 'unknown', type };
}

/** Whether a content type names another character set than UTF-8, or ASCII, which is part of it. */
export function isOtherCharset(type: string): boolean {
  const charset = /;\s{0,8}charset\s?=\s?["']?([\w.:-]{1,64})/i.exec(type)?.[1];
  return charset !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(charset);
}
