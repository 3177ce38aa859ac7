import { type ProblemCode, PROBLEMS } from '@steadygate/core';

/** What would help whoever gets a problem; for the page only, an answer says what fits its request. */
const HELP: Readonly<Record<ProblemCode, string>> = {
  'request-malformed':
    'Send what HTTP/1.1 allows: one `Host` that is served here, one way of framing, no characters that a field may not have.',
  'path-ambiguous': 'Spell the path plainly: no backslash, no NUL, no encoded slash, nothing encoded twice.',
  'credentials-ambiguous': 'Send the session’s cookies or one `Authorization` header, not both, and neither twice.',
  'parameter-duplicated': 'Name an object once: not twice in the query, and not in the query and the body.',
  'body-invalid': 'Send a body that parses: JSON with every key once, of the type that `Content-Type` says.',
  'input-invalid': 'The detail names the field. The operation’s schema stands in `openapi.json`.',
  'credential-required': 'Log in, or refresh: the session may have ended or the token may be too old.',
  'login-failed':
    'Ask for a new invite. It may be mistyped, used, expired or withdrawn; which of them is not said on purpose.',
  'permission-denied': 'Ask an administrator for a role that has the route’s permission.',
  'csrf-refused':
    'Send the `csrfToken` of `GET /auth/session` as `X-CSRF-Token`. Pages of other sites cannot make changes in somebody’s name.',
  'origin-refused':
    'The origin must be listed in `listen.origins`, or in `guards.cors.origins` for pages of other sites.',
  'address-refused': 'The client’s address must be one that `guards.addresses` lets through.',
  'path-refused':
    'Use another path. Names like this are never served: `.git`, `.env`, backups, and those in `guards.sensitivePaths`.',
  'content-refused':
    'Report the request id to the operator, if the request was meant well. What was found is not said on purpose.',
  blocked:
    'Wait as long as `Retry-After` says. The caller sent attacks or wrong credentials again and again; the operator can lift the block.',
  'not-found': 'Check the path and the object’s id. Denied paths and objects of others look as if they did not exist.',
  'method-refused': 'Use one of the methods that `Allow` names.',
  'body-timeout': 'Send the body without long pauses.',
  conflict: 'Read the present state, and decide again. An id that somebody else has is not given away.',
  'body-too-large': 'Send less at once. The route’s limit is `bodyMax`, 1 MiB unless it says otherwise.',
  'uri-too-long': 'Shorten path and query, or send the data in a body.',
  'media-type-refused': 'Send `Content-Type: application/json`.',
  'expectation-refused': 'Leave `Expect` out; only `100-continue` is understood.',
  'schema-refused':
    'Send what the API’s document describes. `errors` names the first places that do not match: field, JSON pointer and rule.',
  'text-refused':
    'Send less: `limit` names the field, and how many characters, web addresses or telephone numbers are accepted.',
  'upgrade-refused': 'Open this path as a WebSocket.',
  'rate-limited': 'Wait as long as `Retry-After` says. `limit` names the limit that was hit.',
  'quota-exceeded':
    'Wait until midnight UTC, as `Retry-After` says, or ask the operator for another plan. `limit` says whether the key or the tenant has none left.',
  'head-too-large': 'Send fewer or shorter header fields. The limit is `limits.headersMax`.',
  internal: 'Report the request id. The cause stands in the log of the gate, and only there.',
  'upstream-failed': 'Try again later. The application behind the gate does not run, or broke off.',
  'answer-refused':
    'Report the request id. The application’s answer was not one that may pass: another type, size or status than declared, or HTML that would share the console’s origin.',
  unavailable:
    'Try again soon. The gate’s store cannot be reached or it is stopping; nothing is let through meanwhile.',
  'upstream-busy':
    'Wait as long as `Retry-After` says. The application has as many requests as `upstreams.<name>.concurrency` allows, and no place in its queue came free.',
  'upstream-unavailable':
    'Wait as long as `Retry-After` says. Too many requests to the application failed, so it is left alone for a moment (`upstreams.<name>.breaker`).',
  'upstream-timeout': 'Try again later. The application took longer than `limits.timeouts` allows.',
};

const INTRODUCTION = `# Problems

What the gate refuses, it answers with \`application/problem+json\` (RFC 9457). Compare \`code\`, never the words. \`requestId\` is
also in the header \`X-Request-Id\`; \`steadygate explain\` tells the operator what stood behind a refusal. This page is generated
from the catalogue in \`packages/core/src/problem.ts\`.

    {"type":"urn:steadygate:problem:rate-limited","title":"Too many requests","status":429,"code":"rate-limited",
     "detail":"…","requestId":"…","limit":{"name":"principal","rate":"300/15m"}}

\`detail\` and \`limit\` are there when they say more than the code does.
`;

/** The page of all problems, as Markdown. */
export function problemsPage(): string {
  const rows = Object.entries(PROBLEMS).map(([code, { status, title }]) => {
    // The keys of PROBLEMS are the problem codes.
    const help = HELP[code as ProblemCode];
    return `| \`${code}\` | ${status} | ${title} | ${help} |`;
  });
  return [INTRODUCTION, '| Code | Status | Title | What helps |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}
