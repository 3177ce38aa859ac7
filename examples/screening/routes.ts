import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Failure, readText, sendCsv, sendFailure, sendJson } from './http.ts';
import { screenText } from './screen-text.ts';
import { entryOf, type ScreeningLog } from './screening-log.ts';

/** Everything that the operations use. */
export type App = {
  readonly log: ScreeningLog;
  readonly nowMs: () => number;
};

type Call = {
  readonly app: App;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** Whoever asks, as the gate says. Without a gate in front anybody can say anything. */
  readonly tenant: string;
};

type Operation = (call: Call) => void | Promise<void>;

const PAGE_MAX = 1_000;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['POST /v1/screen', screen],
  ['GET /v1/stats', ({ app, response, tenant }) => sendJson(response, 200, app.log.stats(tenant))],
  ['GET /v1/screenings', listScreenings],
  ['GET /v1/exports/screenings.csv', exportScreenings],
  ['GET /healthz', ({ response }) => sendJson(response, 200, { status: 'ok' })],
]);

/** Answers every request, failures included. */
export function requestHandler(app: App): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(app, request, response).catch((error: unknown) => sendFailure(response, error));
  };
}

async function answer(app: App, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://screening.invalid');
  // RFC 9110 §9.3.2: HEAD is GET without the content, which Node leaves out by itself.
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const operation = OPERATIONS.get(`${method} ${url.pathname}`);
  if (operation === undefined) throw new Failure(404, 'There is no such operation.');
  const tenant = request.headers['x-steadygate-tenant'];
  await operation({
    app,
    request,
    response,
    query: url.searchParams,
    tenant: typeof tenant === 'string' ? tenant : 'nobody',
  });
}

async function screen({ app, request, response, tenant }: Call): Promise<void> {
  const text = await readText(request);
  const screening = screenText(text);
  const entry = entryOf(text, screening, { id: randomUUID(), atMs: app.nowMs() });
  app.log.add(tenant, entry);
  sendJson(response, 200, { id: entry.id, ...screening });
}

function listScreenings({ app, response, query, tenant }: Call): void {
  const page = { from: numberOf(query, 'from', 0), limit: Math.min(PAGE_MAX, numberOf(query, 'limit', 50)) };
  sendJson(response, 200, app.log.list(tenant, page));
}

/** No texts and no names: what is exported holds nothing of a person. */
function exportScreenings({ app, response, tenant }: Call): void {
  const { items } = app.log.list(tenant, { from: 0, limit: Number.POSITIVE_INFINITY });
  const rows = items.map(({ id, atMs, score, verdict, characters }) => [
    id,
    new Date(atMs).toISOString(),
    score,
    verdict,
    characters,
  ]);
  sendCsv(response, [['id', 'at', 'score', 'verdict', 'characters'], ...rows]);
}

function numberOf(query: URLSearchParams, name: string, fallback: number): number {
  const text = query.get(name);
  if (text === null) return fallback;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Failure(400, `"${name}" must be a whole number.`);
}
