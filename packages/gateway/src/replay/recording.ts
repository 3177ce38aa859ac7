import { type CanonicalRequest, type DecisionRecord, firstHeader, type Principal } from '@steadygate/core';
import { HourlySegments, type SegmentsOptions } from '../decisions/hourly-segments.ts';
import type { RecordableRequest, RequestRecorder } from '../proxy/deps.ts';
import { maskBody, maskField, maskPairs, maskText, recordingLine } from './mask-recording.ts';

/** A larger body is left out of the recording. */
const BODY_BYTES_MAX = 256 * 1024;
/** What may wait for the disk: beyond it requests are left out, and counted. */
const PENDING_CHARS_MAX = 32 * 1024 * 1024;

/**
 * Recorded requests for `steadygate replay`, in hourly segments of JSON lines (T25).
 *
 * Masked before it is written. When the disk cannot keep up, requests are left out and counted.
 */
export class Recording implements RequestRecorder {
  readonly #segments: HourlySegments;
  readonly #isOn: () => boolean;
  #pending: { atMs: number; line: string }[] = [];
  #pendingChars = 0;
  #flushing: Promise<void> = Promise.resolve();
  dropped = 0;

  /** `isOn` is asked for each request. */
  constructor(options: SegmentsOptions, isOn: () => boolean) {
    this.#segments = new HourlySegments(options);
    this.#isOn = isOn;
  }

  take(recordable: RecordableRequest): void {
    if (!this.#isOn()) return;
    if (this.#pendingChars > PENDING_CHARS_MAX) {
      this.dropped += 1;
      return;
    }
    const line = recordingLine(recorded(recordable));
    this.#pendingChars += line.length;
    this.#pending.push({ atMs: recordable.record.atMs, line });
  }

  /** Writes what is pending. Rejects when the directory cannot be written. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.catch(() => undefined).then(() => this.#write());
    return this.#flushing;
  }

  prune(nowMs: number): Promise<void> {
    return this.#segments.prune(nowMs);
  }

  #write(): Promise<void> {
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingChars = 0;
    return this.#segments.write(batch).catch((cause: unknown) => {
      this.dropped += batch.length;
      throw cause;
    });
  }
}

/** One line of a recording: what `readJsonLine` reads. */
function recorded({ record, request, body }: RecordableRequest): unknown {
  const { requestId, atMs, clientAddress, decision } = record;
  return {
    at: atMs,
    requestId,
    method: request.method,
    path: maskText(request.path),
    query: maskPairs(request.query),
    address: clientAddress,
    headers: headersOf(request),
    ...bodyOf(request, body),
    ...callerOf(decision.principal),
    verdict: verdictOf(decision),
  };
}

function headersOf({ headers }: CanonicalRequest): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    // Node gives one character for each octet.
    pairs.push([name, maskField(name, Buffer.from(headers[at + 1] ?? '', 'latin1').toString())]);
  }
  return pairs;
}

function bodyOf({ headers, bodyBytes }: CanonicalRequest, body: Uint8Array | undefined) {
  if (bodyBytes === 0) return {};
  const text = body === undefined ? undefined : maskable(body, headers);
  return text === undefined ? { bodyOmitted: true } : { body: text };
}

/** Text that can be masked; a packed body, parts of a form and what is no UTF-8 cannot. */
function maskable(body: Uint8Array, headers: CanonicalRequest['headers']): string | undefined {
  const type = firstHeader(headers, 'content-type') ?? '';
  const encoding = firstHeader(headers, 'content-encoding') ?? 'identity';
  if (body.length > BODY_BYTES_MAX || encoding !== 'identity' || /^multipart\//i.test(type)) return undefined;
  try {
    return maskBody(new TextDecoder('utf-8', { fatal: true }).decode(body), type);
  } catch (cause) {
    if (cause instanceof TypeError) return undefined;
    throw cause;
  }
}

function callerOf(principal: Principal | undefined) {
  if (principal === undefined) return {};
  const { tenantId: tenant, userId: user, role, credential, permissions } = principal;
  const own = credential.kind === 'key' ? { permissions: permissions.list() } : {};
  return { caller: { tenant, user, role, kind: credential.kind, ...own } };
}

function verdictOf({ outcome, denial, findings }: DecisionRecord['decision']) {
  if (denial === undefined) return { outcome };
  const refusing = findings.findLast(({ shadow }) => shadow !== true);
  return { outcome, guard: denial.guard, ...(refusing === undefined ? {} : { rule: refusing.rule }) };
}
