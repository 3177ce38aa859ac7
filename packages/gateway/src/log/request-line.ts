import type { DecisionRecord } from '@steadygate/core';
import { redactLine } from './redact.ts';

/**
 * The log line of one request, with its line end.
 *
 * Only its path and its method hold what a client sent; all else is ours. So they alone are redacted, which on every line costs less
 * than the line itself.
 */
export function requestLine(record: DecisionRecord): string {
  const { decision, requestId, method, path, status, durationMs, clientAddress, route, atMs } = record;
  const { principal, denial } = decision;
  const { traceId } = record;
  const sent = `"method":${redactLine(JSON.stringify(method))},"path":${redactLine(JSON.stringify(path))}`;
  const who = `${field('address', clientAddress)}${field('route', route)}${field('user', principal?.userId)}${field('traceId', traceId)}`;
  const why = denial === undefined ? '' : `${field('guard', denial.guard)}${field('code', denial.code)}`;
  const head = `{"level":"info","at":${atMs + durationMs},"requestId":"${requestId}",${sent}`;
  return `${head},"status":${status},"ms":${durationMs}${who}${why},"msg":"request"}\n`;
}

function field(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}
