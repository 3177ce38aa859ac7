import { answerHeadersFromUpstream } from '@steadygate/core';
import type { HeaderList } from '@steadygate/core';
import type { AnswerRule } from './answer-rule.ts';
import type { Exchange } from './exchange.ts';
import { isHttps } from './own-answer.ts';
import type { UpstreamHead } from './upstream-client.ts';

/** The head of a forwarded answer: the upstream's fields that may pass, scrubbed, with ours. */
export function forwardedHeaders(exchange: Exchange, head: UpstreamHead, rule: AnswerRule): HeaderList {
  const { decision, generation, match, requestId } = exchange;
  const upstream = scrubbed(answerHeadersFromUpstream(fieldsOf(head), rule), generation.scrubber);
  const own = [...decision.answerHeaders, 'x-request-id', requestId];
  const merge = isHttps(exchange) ? generation.merge.https : generation.merge.http;
  return merge(upstream, { own, isPublic: match?.route.policy.access === 'public' });
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
