import { z } from 'zod';
import { foreignRequest, type Recorded, targetOf, unreadable } from './recorded-request.ts';

const pairs = z.array(z.object({ name: z.string(), value: z.string() })).default([]);

const entrySchema = z.object({
  startedDateTime: z.string().optional(),
  request: z.object({
    method: z.string().min(1).max(32),
    url: z.string(),
    headers: pairs,
    bodySize: z.number().optional(),
    postData: z
      .object({ mimeType: z.string().optional(), text: z.string().optional(), params: pairs.optional() })
      .optional(),
  }),
});

type Entry = z.output<typeof entrySchema>;

const archiveSchema = z.object({ log: z.object({ entries: z.array(z.unknown()) }) });

/** The entries of an HTTP archive (HAR 1.2), in their order; undefined when the text is none. */
export function readHar(text: string): readonly Recorded[] | undefined {
  const archive = archiveSchema.safeParse(parsed(text));
  return archive.success ? archive.data.log.entries.map((entry, at) => readEntry(entry, at + 1)) : undefined;
}

function readEntry(value: unknown, place: number): Recorded {
  const entry = entrySchema.safeParse(value);
  if (!entry.success) return unreadable(place, 'is no entry with a request');
  const { request, startedDateTime } = entry.data;
  const target = targetOf(request.url);
  if (target === undefined) return unreadable(place, 'has no URL of http or https');
  const atMs = startedDateTime === undefined ? Number.NaN : Date.parse(startedDateTime);
  const body = bodyOf(request);
  return {
    ok: true,
    request: foreignRequest({
      place,
      method: request.method,
      target,
      atMs: Number.isNaN(atMs) ? undefined : atMs,
      headers: headersOf(request),
      body,
      isBodyMissing: body === undefined && (request.bodySize ?? 0) > 0,
    }),
  };
}

/** Pseudo header fields of HTTP/2 are no fields. */
function headersOf({ headers, postData }: Entry['request']): readonly string[] {
  const sent = headers.filter(({ name }) => !name.startsWith(':')).flatMap(({ name, value }) => [name, value]);
  const isTyped = headers.some(({ name }) => name.toLowerCase() === 'content-type');
  return isTyped || postData?.mimeType === undefined ? sent : [...sent, 'content-type', postData.mimeType];
}

function bodyOf({ postData }: Entry['request']): Uint8Array | undefined {
  if (postData?.text !== undefined) return Buffer.from(postData.text);
  if (postData?.params === undefined || postData.params.length === 0) return undefined;
  const form = new URLSearchParams(postData.params.map(({ name, value }): [string, string] => [name, value]));
  return Buffer.from(form.toString());
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
