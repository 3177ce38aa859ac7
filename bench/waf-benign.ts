/*
 * Harmless requests as APIs and AI applications see them, and how many of them inspection refuses.
 * node --conditions=source bench/waf-benign.ts [count] [seed] [--show]
 */
import { pathToFileURL } from 'node:url';

import { waf, wafInspector } from '../packages/core/src/waf/waf.ts';
import { harmlessRequest } from './waf-benign/requests.ts';
import { CODE, DOCUMENTS, PROSE, QUERIES, QUESTIONS, SHORT } from './waf-benign-texts.ts';
import { type BenchRequest, chance, type Chance, judge } from './waf-requests.ts';

const FIELDS = [
  'name',
  'title',
  'q',
  'search',
  'comment',
  'note',
  'label',
  'value',
  'city',
  'company',
  'description',
  'email',
  'subject',
];
const BROWSER =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15';
const AGENTS = [
  BROWSER,
  'python-requests/2.32.3',
  'okhttp/4.12.0',
  'axios/1.7.7',
  'Go-http-client/2.0',
  'PostmanRuntime/7.42.0',
  'curl/8.5.0',
  'OpenAI/Python 1.54.3',
  'Slackbot 1.0 (+https://api.slack.com/robots)',
  'GitHub-Hookshot/7a3c1f2',
];

type Maker = (pick: Chance) => BenchRequest;

function json(path: string, body: unknown, pick: Chance): BenchRequest {
  return {
    method: 'POST',
    path,
    headers: { ...head(pick), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function head(pick: Chance): Record<string, string> {
  return {
    'user-agent': pick.of(AGENTS),
    accept: pick.of(['*/*', 'application/json', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8']),
    referer: pick.of([
      'https://app.example.com/orders?status=open&page=2',
      'https://www.google.com/search?q=how+to+drop+a+table',
      'http://localhost:3000/',
    ]),
    cookie: pick.of([
      'theme=dark; session=s%3Aabc.def',
      'prefs={"locale":"en","tz":"Europe/Dublin"}',
      '_ga=GA1.1.123.456; consent=a:1|b:0',
    ]),
    'x-trace': `00-${pick.hex(32)}-${pick.hex(16)}-01`,
  };
}

const text = (pick: Chance): string => pick.of([...SHORT, ...QUERIES, ...PROSE]);
const long = (pick: Chance): string => {
  const parts = Array.from({ length: 1 + pick.below(4) }, () =>
    pick.of([...PROSE, ...DOCUMENTS, ...CODE.map((code) => `\`\`\`\n${code}\n\`\`\``)]),
  );
  return parts.join('\n\n');
};

const MAKERS: readonly Maker[] = [
  (pick) => ({
    method: 'GET',
    path: `/api/v1/items/${pick.below(9999)}?page=${pick.below(9)}&sort=-created_at&include=a,b`,
    headers: head(pick),
    body: '',
  }),
  (pick) => ({
    method: 'GET',
    path: `/search?q=${encodeURIComponent(text(pick))}&limit=20`,
    headers: head(pick),
    body: '',
  }),
  (pick) => ({
    method: 'GET',
    path: `/api/orders?${pick.of(['filter', '$filter', 'where', 'query'])}=${encodeURIComponent(pick.of(QUERIES))}`,
    headers: head(pick),
    body: '',
  }),
  (pick) => ({
    method: 'GET',
    path: `/oauth/authorize?client_id=${pick.hex(12)}&redirect_uri=${encodeURIComponent('http://localhost:3000/callback')}&scope=openid%20profile&state=${pick.base64(24)}`,
    headers: head(pick),
    body: '',
  }),
  (pick) => ({
    method: 'POST',
    path: '/api/contact',
    headers: { ...head(pick), 'content-type': 'application/x-www-form-urlencoded' },
    body: `name=${encodeURIComponent(pick.of(SHORT))}&message=${encodeURIComponent(text(pick))}`,
  }),
  (pick) =>
    json(
      '/api/items',
      { [pick.of(FIELDS)]: text(pick), [pick.of(FIELDS)]: pick.of(SHORT), id: pick.below(1e6), tags: [pick.of(SHORT)] },
      pick,
    ),
  (pick) => json('/api/comments', { issue: pick.below(999), body: long(pick) }, pick),
  (pick) =>
    json(
      '/v1/chat/completions',
      {
        model: 'm',
        messages: [
          { role: 'system', content: pick.of(PROSE) },
          { role: 'user', content: `${pick.of(QUESTIONS)}\n\n${long(pick)}` },
        ],
      },
      pick,
    ),
  (pick) =>
    json('/v1/chat/completions', { model: 'm', messages: [{ role: 'user', content: pick.of(QUESTIONS) }] }, pick),
  (pick) =>
    json(
      '/v1/chat/completions',
      { messages: [{ role: 'user', content: `${pick.of(QUESTIONS)}\n${pick.of(CODE)}` }] },
      pick,
    ),
  (pick) =>
    json(
      '/v1/messages',
      {
        messages: [
          {
            role: 'assistant',
            content: [
              {
                type: 'tool_use',
                id: 't1',
                name: 'bash',
                input: { arguments: JSON.stringify({ command: pick.of(CODE) }) },
              },
            ],
          },
        ],
      },
      pick,
    ),
  (pick) => json('/v1/embeddings', { input: [pick.of(PROSE), pick.of(DOCUMENTS), pick.of(CODE)] }, pick),
  (pick) =>
    json(
      '/graphql',
      {
        query:
          'query Orders($id: ID!, $s: String) { order(id: $id) { items(filter: {status: "open", q: $s}) { id name } } }',
        variables: { id: pick.hex(8), s: pick.of(SHORT) },
      },
      pick,
    ),
  (pick) =>
    json(
      '/webhooks/git',
      {
        ref: 'refs/heads/fix/select-union',
        commits: [
          {
            id: pick.hex(40),
            message: pick.of(PROSE),
            url: `https://git.example.com/a/b/commit/${pick.hex(40)}`,
            added: ['src/sql/select.ts', '.github/workflows/ci.yml'],
          },
        ],
        patch: `@@ -1,3 +1,4 @@\n${pick.of(CODE)}`,
      },
      pick,
    ),
  (pick) =>
    json('/api/files', { path: 'src/index.ts', content: pick.of(CODE), encoding: 'utf-8', sha: pick.hex(40) }, pick),
  (pick) =>
    json(
      '/api/upload',
      {
        image: `data:image/png;base64,${pick.base64(800)}`,
        token: pick.base64(64),
        checksum: pick.hex(64),
        blob: pick.base64(300),
      },
      pick,
    ),
  (pick) =>
    json(
      '/ingest/logs',
      {
        lines: [
          `10.0.0.${pick.below(255)} - - [21/Nov/2026:10:00:00 +0000] "GET /a/b?x=1&y=2 HTTP/1.1" 200 512 "-" "${BROWSER}"`,
          pick.of(DOCUMENTS),
        ],
        level: 'error',
      },
      pick,
    ),
  (pick) => ({
    method: 'POST',
    path: '/api/form',
    headers: { ...head(pick), 'content-type': 'multipart/form-data; boundary=xyz' },
    body: `--xyz\r\nContent-Disposition: form-data; name="title"\r\n\r\n${pick.of(SHORT)}\r\n--xyz\r\nContent-Disposition: form-data; name="f"; filename="notes.md"\r\nContent-Type: text/markdown\r\n\r\n${long(pick)}\r\n--xyz--\r\n`,
  }),
  (pick) => ({
    method: 'POST',
    path: '/soap',
    headers: { ...head(pick), 'content-type': 'text/xml' },
    body: `<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><find lang="en"><name>${pick.of(SHORT).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</name></find></e:Body></e:Envelope>`,
  }),
];

/** One harmless request, and its kind: half of them of the kinds above, half of those in `waf-benign/`. */
export function benignRequest(pick: Chance): readonly [string, BenchRequest] {
  return pick.below(2) === 0 ? ['basic', pick.of(MAKERS)(pick)] : harmlessRequest(pick);
}

function count(tallies: Map<string, number>, key: string): void {
  tallies.set(key, (tallies.get(key) ?? 0) + 1);
}

function main(): void {
  const [times = 10_000, seed = 1] = process.argv
    .slice(2)
    .filter((argument) => /^\d+$/.test(argument))
    .map(Number);
  const inspect = waf({ threshold: 5, classThresholds: {}, fields: [], exceptions: [] }, wafInspector());
  const pick = chance(seed);
  const rules = new Map<string, number>();
  const kinds = new Map<string, number>();
  let refused = 0;
  for (let index = 0; index < times; index += 1) {
    const [kind, request] = benignRequest(pick);
    const found = judge(inspect, request);
    if (found === undefined) continue;
    refused += 1;
    count(rules, found.rule);
    count(kinds, kind);
    if (process.argv.includes('--show'))
      console.log(
        `${kind} | ${found.rule} ${found.score}/${found.threshold} ${found.profile} ${found.field}: ${JSON.stringify(found.evidence.slice(0, 160))}`,
      );
  }
  console.log(`${refused} of ${times} harmless requests refused (${((100 * refused) / times).toFixed(2)} %)`);
  for (const tallies of [rules, kinds]) {
    for (const [key, refusals] of [...tallies].toSorted((a, b) => b[1] - a[1])) console.log(`  ${key} ${refusals}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
