import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';

/** What the caller may be told of a failure; anything else that is thrown is a bug. */
export class Failure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What an operation answers; without a body it is 204. */
export type Reply = { readonly status?: number; readonly body?: unknown };

/** Runs an operation and answers what it returns or throws. */
export async function reply(response: ServerResponse, run: () => Promise<Reply>): Promise<void> {
  const { status, body } = await run().catch(failed);
  if (body === undefined) return void response.writeHead(status ?? 204).end();
  response.writeHead(status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function failed(error: unknown): Reply {
  if (error instanceof Failure) return { status: error.status, body: { error: error.message } };
  console.error(error);
  return { status: 500, body: { error: 'The shop failed to answer.' } };
}

/**
 * The body of a request, taken for what its operation wants.
 *
 * Nothing is judged here: the gate lets nothing through that `openapi.yaml` does not describe.
 */
export async function bodyOf<Body>(request: IncomingMessage): Promise<Body> {
  try {
    // As described.
    return (await json(request)) as Body;
  } catch {
    throw new Failure(400, 'The body is not JSON.');
  }
}
