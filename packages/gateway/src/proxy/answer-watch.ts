import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { type BodyText, type Finding, firstHeader, judgeAnswer, type RouteSchema } from '@steadygate/core';
import { isEventStream } from './answer-rule.ts';
import type { Admitted, Exchange } from './exchange.ts';
import type { UpstreamHandler, UpstreamHead } from './upstream-client.ts';

/** Longer answers are not judged. */
const BYTES_MAX = 1024 * 1024;
const FAULTS_MAX = 5;

/**
 * Looks at an answer as it passes, and records what its API document does not describe (SS15).
 *
 * Gives the handler itself where the route judges no answers. The answer goes its way whatever is found.
 */
export function answerWatch(
  handler: UpstreamHandler,
  { exchange, admitted }: { readonly exchange: Exchange; readonly admitted: Admitted },
): UpstreamHandler {
  const { schema } = admitted.match.route.policy.guards;
  if (schema?.judgesAnswers !== true) return handler;
  let head: UpstreamHead | undefined;
  let chunks: Buffer[] = [];
  let size = 0;
  return {
    onHead(next) {
      head = isEventStream(next.headers) ? undefined : next;
      handler.onHead(next);
    },
    onData(chunk) {
      size += chunk.length;
      if (head !== undefined && size <= BYTES_MAX) chunks.push(chunk);
      handler.onData(chunk);
    },
    onEnd() {
      const bytes = size > BYTES_MAX ? undefined : Buffer.concat(chunks);
      chunks = [];
      const finding = head === undefined ? undefined : findingOf(schema, admitted, { head, bytes });
      const { decision } = exchange;
      if (finding !== undefined) exchange.decision = { ...decision, findings: [...decision.findings, finding] };
      handler.onEnd();
    },
    onError: (problem, reach) => handler.onError(problem, reach),
  };
}

function findingOf(
  { api, config }: RouteSchema,
  { request }: Admitted,
  { head, bytes }: { readonly head: UpstreamHead; readonly bytes: Buffer | undefined },
): Finding | undefined {
  const match = api.find(request.method, request.path);
  if (match.kind !== 'operation' || request.method === 'HEAD' || head.status === 304) return undefined;
  const encoding = firstHeader(head.headers, 'content-encoding') ?? 'identity';
  const body = bytes === undefined ? undefined : textOf(bytes, encoding);
  const type = firstHeader(head.headers, 'content-type') ?? '';
  const faults = judgeAnswer(match.operation, { status: head.status, type, body }, FAULTS_MAX);
  if (faults.length === 0) return undefined;
  const texts = faults.map(({ field, pointer, rule }) => `${field}${pointer === '' ? '' : ` ${pointer}`} ${rule}`);
  const rule = `${match.operation.name} (${match.operation.config})`;
  return { guard: 'schema', rule, field: 'answer', evidence: texts.join('; ').slice(0, 500), config, shadow: true };
}

const UNPACKERS: Readonly<Record<string, (packed: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  deflate: inflateSync,
  identity: (bytes) => bytes,
};

/** Undefined for what cannot be read. */
function textOf(bytes: Buffer, encoding: string): BodyText | undefined {
  const unpack = Object.hasOwn(UNPACKERS, encoding) ? UNPACKERS[encoding] : undefined;
  try {
    const plain = unpack?.(bytes, { maxOutputLength: BYTES_MAX });
    if (plain === undefined) return undefined;
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain), isUtf8: true };
  } catch {
    return undefined;
  }
}
