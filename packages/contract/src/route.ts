import type { z } from 'zod';

/** Who may call an operation. There is no default: no operation is open by omission. */
export type OperationAccess =
  /**
   * A session that holds this permission; `self:read` and `self:write` are held by every session. With `credential: 'key'`
   * an API key instead.
   */
  | { readonly permission: string; readonly credential?: 'key' }
  /** Anybody; the reason is shown in the route table. */
  | { readonly public: string };

/** One operation of the control API as a value: OpenAPI, the server and the console are derived from it. */
export interface Operation<Body extends z.ZodType, Query extends z.ZodType, Reply extends z.ZodType> {
  readonly operationId: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` placeholders, as in OpenAPI. */
  readonly path: string;
  readonly summary: string;
  readonly access: OperationAccess;
  readonly body?: Body;
  readonly query?: Query;
  readonly reply: { readonly status: number; readonly schema: Reply };
}

export type AnyOperation = Operation<z.ZodType, z.ZodType, z.ZodType>;

/** Keeps the precise types of an operation. */
export function defineOperation<
  Reply extends z.ZodType,
  Body extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
>(operation: Operation<Body, Query, Reply>): Operation<Body, Query, Reply> {
  return operation;
}

/** What a caller sends as the body of `O`. */
export type BodyOf<O> = O extends Operation<infer Body, z.ZodType, z.ZodType> ? z.input<Body> : never;
/** What a caller gets from `O`. */
export type ReplyOf<O> = O extends Operation<z.ZodType, z.ZodType, infer Reply> ? z.output<Reply> : never;
/** What a caller sends as the query of `O`. */
export type QueryOf<O> = O extends Operation<z.ZodType, infer Query, z.ZodType> ? z.input<Query> : never;
