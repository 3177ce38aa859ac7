import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError, problemBody, PROBLEMS } from '@steadygate/core';
import { type AnyOperatorCommand, runCommand } from './command.ts';
import type { OperatorDeps } from './deps.ts';

const BODY_BYTES_MAX = 64 * 1024;

/** What answers on the control socket. */
export interface OperatorEndpoint {
  readonly commands: readonly AnyOperatorCommand[];
  readonly deps: OperatorDeps;
  /** Gets what nobody foresaw, with the request id that the operator was told. */
  readonly onBug: (cause: unknown, requestId: string) => void;
}

/** `POST /<command>` with a JSON object → JSON, or a problem. Never rejects. */
export async function answerOperator(
  endpoint: OperatorEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = endpoint.deps.newRequestId();
  try {
    const command = commandOf(endpoint, request);
    const answer = await runCommand(
      command,
      { ...endpoint.deps, newRequestId: () => requestId },
      await jsonOf(request),
    );
    send(response, { status: 200, type: 'application/json', body: answer ?? null });
  } catch (cause) {
    const problem = toProblem(cause, endpoint, requestId);
    const body = problemBody(problem.code, problem.facts, requestId);
    send(response, { status: body.status, type: 'application/problem+json', body });
  }
}

function commandOf({ commands }: OperatorEndpoint, request: IncomingMessage): AnyOperatorCommand {
  if (request.method !== 'POST') throw new ProblemError('method-refused');
  const name = request.url?.slice(1);
  const command = commands.find((known) => known.name === name);
  if (command === undefined) throw new ProblemError('not-found', { detail: 'This server knows no such command.' });
  return command;
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // No encoding is set on it, so its chunks are buffers.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new ProblemError('body-too-large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (cause) {
    throw new ProblemError('body-invalid', {}, { cause });
  }
}

/** The operator may read why the store cannot serve; what nobody foresaw is logged and only its request id is told. */
function toProblem(cause: unknown, { deps, onBug }: OperatorEndpoint, requestId: string): ProblemError {
  if (cause instanceof ProblemError) return cause;
  const detail = deps.failureText(cause);
  if (detail !== undefined) return new ProblemError('unavailable', { detail }, { cause });
  onBug(cause, requestId);
  return new ProblemError('internal', {}, { cause });
}

function send(response: ServerResponse, answer: { status: number; type: string; body: unknown }): void {
  if (response.destroyed) return;
  const text = JSON.stringify(answer.body);
  const isClosing = answer.status === PROBLEMS['body-too-large'].status;
  response.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': Buffer.byteLength(text),
    ...(isClosing ? { connection: 'close' } : {}),
  });
  response.end(text);
}
