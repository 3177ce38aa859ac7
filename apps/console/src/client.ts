import { type AnyOperation, type BodyOf, Problem, type QueryOf, type ReplyOf } from '@steadygate/contract';

/** What a call to `O` carries. */
export interface CallInput<O extends AnyOperation> {
  /** A value for each `{name}` of the operation's path. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: QueryOf<O>;
  readonly body?: BodyOf<O>;
  /** The session's token: every change needs it. */
  readonly csrfToken?: string;
}

/** A call that did not succeed; `message` may be shown to the person. */
export class CallError extends Error {
  /** The problem's code; `unreachable` when no answer came, `unexpected` when it was none of the contract's. */
  readonly code: string;
  /** 0 when no answer came. */
  readonly status: number;
  readonly requestId: string | undefined;

  constructor(facts: { code: string; status: number; message: string; requestId?: string }, cause?: unknown) {
    super(facts.message, { cause });
    this.name = 'CallError';
    this.code = facts.code;
    this.status = facts.status;
    this.requestId = facts.requestId;
  }
}

/** Sends requests as `fetch` does. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/** Calls operations of the contract over `send`, on this page's origin. */
export function createClient(send: Send) {
  /**
   * Calls an operation, and returns its answer as the contract describes it.
   *
   * @throws CallError for every failure: a problem, no answer, or an answer that breaks the contract
   */
  return async function call<O extends AnyOperation>(operation: O, input: CallInput<O> = {}): Promise<ReplyOf<O>> {
    const answer = await reach(send, operation, input);
    if (answer.status !== operation.reply.status) throw await failureOf(answer);
    const value: unknown = answer.status === 204 ? undefined : await answer.json().catch(() => undefined);
    const parsed = operation.reply.schema.safeParse(value);
    if (!parsed.success) throw unexpected(answer.status, parsed.error);
    // The schema is the operation's own; its precise type is lost only because `O` is generic here.
    return parsed.data as ReplyOf<O>;
  };
}

/** Calls operations as the person whose browser this is. */
export const call = createClient((url, init) => fetch(url, init));

async function reach<O extends AnyOperation>(send: Send, operation: O, input: CallInput<O>): Promise<Response> {
  const url = pathOf(operation, input.params ?? {}) + queryOf(input.query);
  const init = requestOf(operation, input);
  try {
    return await send(url, init);
  } catch (cause) {
    throw new CallError({ code: 'unreachable', status: 0, message: 'The gate cannot be reached.' }, cause);
  }
}

function requestOf<O extends AnyOperation>({ method }: O, { body, csrfToken }: CallInput<O>): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (csrfToken !== undefined) headers['x-csrf-token'] = csrfToken;
  const init: RequestInit = { method, headers, cache: 'no-store', credentials: 'same-origin', redirect: 'error' };
  if (body === undefined) return init;
  return { ...init, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function pathOf({ path, operationId }: AnyOperation, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    // `.` and `..` cannot be escaped: every URL parser takes them, `%2E` included, for a step in the path.
    if (value === undefined || /^\.{0,2}$/.test(value)) throw new Error(`${operationId} needs ${name}`);
    return encodeURIComponent(value);
  });
}

function queryOf(query: unknown): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
}

async function failureOf(answer: Response): Promise<CallError> {
  const problem = Problem.safeParse(await answer.json().catch(() => undefined));
  if (!problem.success) return unexpected(answer.status, problem.error);
  const { code, title, detail, requestId } = problem.data;
  return new CallError({ code, status: answer.status, message: detail ?? title, requestId });
}

function unexpected(status: number, cause: unknown): CallError {
  return new CallError(
    { code: 'unexpected', status, message: `The gate answered ${status} in an unknown form.` },
    cause,
  );
}
