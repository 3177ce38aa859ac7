import { request } from 'node:http';
import { Problem } from '@steadygate/contract';
import type { ProblemCode } from '@steadygate/core';
import { PROBLEMS } from '@steadygate/core';
import { OperatorRefusal } from './refusal.ts';

const ANSWER_BYTES_MAX = 16 * 1024 ** 2;
/** Probes run for a while; everything else answers at once. */
const ANSWER_TIMEOUT_MS = 120_000;

/** Nobody listens: the socket is missing, or left over from a server that was killed. */
const NOBODY = Symbol('nobody');

/** What a running server answers. */
export type SocketAnswer = { readonly answer: unknown } | 'nobody';

/** Sends a command to the server behind `path`. @throws OperatorRefusal what the server refuses, `socket-unusable` */
export async function askServer(path: string, command: string, input: unknown): Promise<SocketAnswer> {
  const reply = await post(path, command, JSON.stringify(input));
  if (reply === NOBODY) return 'nobody';
  const body = parseJson(reply.text, path);
  if (reply.status === 200) return { answer: body };
  const problem = Problem.safeParse(body);
  if (!problem.success) throw strange(path);
  const { code, detail, title, requestId } = problem.data;
  const known = Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : 'internal'; // hasOwn is the proof
  const hint = known === 'internal' ? ` (request ${requestId}; the log of the server says more)` : '';
  throw new OperatorRefusal(known, `${detail ?? title}${hint}`);
}

function post(path: string, command: string, body: string): Promise<{ status: number; text: string } | typeof NOBODY> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = {
      socketPath: path,
      method: 'POST',
      path: `/${command}`,
      headers,
      timeout: ANSWER_TIMEOUT_MS,
      agent: false,
    };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > ANSWER_BYTES_MAX) response.destroy(new Error('the answer is too long'));
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on('error', (cause) => reject(strange(path, cause)));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', (cause) => {
      if (isNobody(cause)) resolve(NOBODY);
      else reject(strange(path, cause));
    });
    sent.end(body);
  });
}

/** ENOENT: no socket. ECONNREFUSED: one that nobody listens to. ENOTDIR: no such data directory. */
function isNobody(cause: Error): boolean {
  return 'code' in cause && ['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(String(cause.code));
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw strange(path, cause);
  }
}

function strange(path: string, cause?: unknown): OperatorRefusal {
  const denied = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
  const message = denied
    ? `${path} belongs to another user: run this as the user that runs the server.`
    : `The server behind ${path} did not answer as expected.`;
  return new OperatorRefusal('socket-unusable', message, { cause });
}
