import type { Permission } from '../access.ts';

/** A JSON path of the subset `$.name.list[*].id`, compiled. */
export interface JsonPath {
  readonly text: string;
  readonly steps: readonly (string | { readonly every: true })[];
}

/** One resource's facts that operations share. */
export interface Resource {
  readonly upstream: string;
  readonly name: string;
  readonly config: string;
  /** Whether `id` is in the resource's one canonical spelling (T9). */
  isId(id: string): boolean;
}

/** Everything that ownership declares of one method and path (T6). */
export interface Operation {
  /** Ids in the path: each must belong to the caller. */
  readonly pathIds: readonly { readonly resource: Resource; readonly objectId: string }[];
  /** Ids elsewhere in the request. */
  readonly requestIds: readonly {
    readonly resource: Resource;
    readonly at: { readonly body: JsonPath } | { readonly query: string };
  }[];
  /** The id of a new object, in the answer. */
  readonly creates: { readonly resource: Resource; readonly at: JsonPath } | undefined;
  /** Ids in the answer whose elements are removed unless they are the caller's. */
  readonly lists: readonly { readonly resource: Resource; readonly at: JsonPath }[];
  /** The path's object is deleted by success. */
  readonly deletes: boolean;
  /** Where a message of the stream or socket names its object; others' are dropped (T7). */
  readonly events: { readonly resource: Resource; readonly at: JsonPath } | undefined;
  readonly messages: SocketMessages | undefined;
  /** Why no object is touched. */
  readonly unowned: string | undefined;
}

/** What may go up a socket (T7). */
export interface SocketMessages {
  readonly resource: Resource;
  readonly type: JsonPath;
  readonly id: JsonPath;
  readonly send: ReadonlyMap<string, Permission>;
}
