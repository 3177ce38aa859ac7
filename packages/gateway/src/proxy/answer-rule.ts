import { allHeaders } from '@steadygate/core';
import type { HeaderList, Operation } from '@steadygate/core';
import type { Generation } from './generation.ts';
import type { UpstreamHead } from './upstream-client.ts';

/** What must become of an answer before the caller may have it. */
export interface AnswerRule {
  /** `pass`: streamed. The others are held back until their ids are claimed or their elements filtered. */
  readonly kind: 'pass' | 'claim' | 'filter';
  /** What is asked of the upstream: the HEAD of a filtered list is derived from its GET (T8). */
  readonly method: string;
  /** Bytes are looked at, so the upstream is asked for the whole plain representation (T8). */
  readonly rewritten: boolean;
  /** Events of the stream belong to several objects and are filtered one by one (T7). */
  readonly filtersEvents: boolean;
  /** Changes who owns what: it is seen to its end even when the caller leaves. */
  readonly mustFinish: boolean;
}

/** The rule for one request, by what ownership declares of it and whether secrets are scrubbed. */
export function answerRule(method: string, operation: Operation | undefined, generation: Generation): AnswerRule {
  const kind = answerKind(operation);
  const filtersEvents = operation?.events !== undefined;
  const mustFinish = kind === 'claim' || operation?.deletes === true;
  return {
    kind,
    method: method === 'HEAD' && kind === 'filter' ? 'GET' : method,
    rewritten: kind !== 'pass' || filtersEvents || mustFinish || generation.scrubber !== undefined,
    filtersEvents,
    mustFinish,
  };
}

function answerKind(operation: Operation | undefined): AnswerRule['kind'] {
  if (operation?.creates !== undefined) return 'claim';
  return operation !== undefined && operation.lists.length > 0 ? 'filter' : 'pass';
}

/** Says why an answer must be withheld, judging by its head; undefined when it may go on. */
export function headRefusal(head: UpstreamHead, rule: AnswerRule, generation: Generation): string | undefined {
  if (head.status > 599 || head.status === 101) return 'status';
  if (generation.environment === 'production' && !generation.hasControlOrigin && isDocument(head.headers)) {
    return 'html without a control origin';
  }
  return rule.rewritten ? representationRefusal(head, rule) : undefined;
}

function representationRefusal(head: UpstreamHead, rule: AnswerRule): string | undefined {
  // Neither was asked for: a part or a packed whole would pass unseen (T8).
  if (head.status === 206 || head.status === 304) return 'partial or conditional answer';
  // Every field counts: one that says identity must not hide another that does not.
  if (codings(head.headers, 'content-encoding').some((coding) => coding !== 'identity')) return 'encoded answer';
  // RFC 9112 §7: `gzip, chunked` leaves a compressed body when the chunks are gone.
  if (codings(head.headers, 'transfer-encoding').some((coding) => coding !== 'chunked')) return 'encoded transfer';
  return rule.kind === 'pass' ? streamRefusal(head, rule) : bufferRefusal(head, rule);
}

function codings(headers: HeaderList, name: string): readonly string[] {
  return allHeaders(headers, name).map((value) => value.trim().toLowerCase());
}

/** An operation of filtered events may answer with nothing else, or its 4xx. */
function streamRefusal(head: UpstreamHead, rule: AnswerRule): string | undefined {
  if (!rule.filtersEvents || isClientError(head.status)) return undefined;
  return isEventStream(head.headers) ? undefined : 'not an event stream';
}

function bufferRefusal({ status, headers }: UpstreamHead, rule: AnswerRule): string | undefined {
  if (isClientError(status) || (status === 204 && rule.kind === 'filter')) return undefined;
  const isDeclared = status === 200 || (rule.kind === 'claim' && status === 201);
  if (!isDeclared) return `status ${status}`;
  return isJson(headers) ? undefined : 'not JSON';
}

/** The upstream's own refusals of the caller's input. */
export function isClientError(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Whether an answer is a stream of server-sent events. */
export function isEventStream(headers: HeaderList): boolean {
  return !isPlainJson(headers) && mediaTypes(headers).includes('text/event-stream');
}

/** The type of most answers, told without taking it apart. */
function isPlainJson(headers: HeaderList): boolean {
  const types = allHeaders(headers, 'content-type');
  return types.length === 1 && types[0] === 'application/json';
}

function isJson(headers: HeaderList): boolean {
  const types = mediaTypes(headers);
  return types.length === 1 && types.every((type) => /^application\/(?:[\w.+-]+\+)?json$/.test(type));
}

const DOCUMENTS = new Set(['text/html', 'multipart/x-mixed-replace', 'text/xml', 'application/xml', 'text/xsl']);

/** What a browser would run as a page of this origin (T1): in any XML, elements of the XHTML namespace are scripts too. */
function isDocument(headers: HeaderList): boolean {
  return !isPlainJson(headers) && mediaTypes(headers).some((type) => DOCUMENTS.has(type) || type.endsWith('+xml'));
}

/**
 * Every media type that any reader could see: repeated fields and lists too. Browsers end a type at white space or `(`,
 * so `text/html (x` is a page.
 */
function mediaTypes(headers: HeaderList): readonly string[] {
  const values = allHeaders(headers, 'content-type');
  return values
    .flatMap((value) => value.split(','))
    .map((value) => (value.trim().split(/[;\s(]/, 1)[0] ?? '').toLowerCase());
}
