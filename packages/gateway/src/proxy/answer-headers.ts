import { answerHeadersFromUpstream, mergeAnswerHeaders } from '@steadygate/core';
import type { HeaderList } from '@steadygate/core';
import type { AnswerRule } from './answer-rule.ts';
import type { Exchange } from './exchange.ts';
import { securityFields } from './own-answer.ts';
import type { UpstreamHead } from './upstream-client.ts';

/** Fields of which an answer may have ours and the upstream's. All others of ours replace the upstream's. */
const ADDED = new Set(['set-cookie', 'vary']);

/** The head of a forwarded answer: the upstream's fields that may pass, scrubbed, with ours. */
export function forwardedHeaders(exchange: Exchange, head: UpstreamHead, rule: AnswerRule): HeaderList {
  const { decision, generation, match, requestId } = exchange;
  const upstream = answerHeadersFromUpstream(fieldsOf(head), { rewritten: rule.rewritten });
  const { replacing, adding } = split(decision.answerHeaders);
  const ours = [...securityFields(exchange), ...replacing, 'x-request-id', requestId];
  const isPublic = match?.route.policy.access === 'public';
  const merged = mergeAnswerHeaders(scrubbed(upstream, generation.scrubber), ours, { isPublic });
  return adding.length === 0 ? merged : [...merged, ...adding];
}

/** RFC 9110 §8.6: 204 has no length; a proxy in front that believed one would read the next answer as this body. */
function fieldsOf({ status, headers }: UpstreamHead): HeaderList {
  if (status !== 204) return headers;
  return headers.filter((_, at) => headers[at - (at % 2)] !== 'content-length');
}

function scrubbed(headers: HeaderList, scrubber: { text(value: string): string } | undefined): HeaderList {
  if (scrubber === undefined) return headers;
  return headers.map((text, at) => (at % 2 === 0 ? text : scrubber.text(text)));
}

function split(headers: HeaderList): { readonly replacing: HeaderList; readonly adding: HeaderList } {
  const replacing: string[] = [];
  const adding: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? '';
    (ADDED.has(name) ? adding : replacing).push(name, headers[at + 1] ?? '');
  }
  return { replacing, adding };
}
