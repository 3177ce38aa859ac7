import type { BenchRequest, Chance } from '../waf-requests.ts';
import { COMMANDS, SNIPPETS } from './code.ts';
import { get, json, post, REFERERS } from './makers.ts';
import { FILTERS, SEARCHES } from './queries.ts';
import { MORE_TEXTS, MORE_VALUES } from './more.ts';
import { DOCS, LOGS, QUOTING, SENTENCES } from './texts.ts';
import { NAMES, SHORT_VALUES } from './values.ts';

type Maker = (pick: Chance) => BenchRequest;

const q = encodeURIComponent;
const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();
const any = (pick: Chance): string => pick.of([...NAMES, ...SHORT_VALUES, ...SEARCHES, ...SENTENCES]);
const text = (pick: Chance): string => pick.of([...SENTENCES, ...DOCS, ...LOGS]);
const code = (pick: Chance): string => pick.of(SNIPPETS);
const fenced = (pick: Chance): string =>
  `${pick.of(SENTENCES)}\n\n\`\`\`\n${code(pick)}\`\`\`\n\n${pick.of(SENTENCES)}`;
const html = (value: string): string => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const several = (pick: Chance, make: (pick: Chance) => string): string[] => [make(pick), make(pick), make(pick)];
const FIELD = [
  'name',
  'title',
  'q',
  'description',
  'value',
  'label',
  'notes',
  'address',
  'company',
  'subject',
  'tag',
  'password',
  'bio',
];

/** Harmless requests of shops, offices, tools of developers and AI applications, one maker a kind. */
export const REQUESTS: Readonly<Record<string, Maker>> = {
  search: (pick) => get(`/search?q=${q(pick.of(SEARCHES))}&page=${pick.below(9)}`, pick),
  'search with plus': (pick) => get(`/search?q=${q(pick.of(SEARCHES)).replaceAll('%20', '+')}`, pick),
  filter: (pick) =>
    get(
      `/api/items?${pick.of(['filter', '$filter', 'where', 'query', 'q', 'jql'])}=${q(pick.of(FILTERS))}&$top=10&$orderby=Name%20desc`,
      pick,
    ),
  'query value': (pick) => get(`/api/items?${pick.of(FIELD)}=${q(pick.of([...NAMES, ...SHORT_VALUES]))}`, pick),
  redirect: (pick) =>
    get(
      `/login?${pick.of(['redirect_uri', 'returnTo', 'next', 'continue'])}=${q(pick.of(REFERERS))}&state=${pick.base64(16)}`,
      pick,
    ),
  tracking: (pick) =>
    get(
      `/collect?v=2&tid=G-1&dl=${q(pick.of(REFERERS))}&dt=${q(pick.of(SENTENCES))}&ul=de-de&en=page_view&ep.x=${q(pick.of(NAMES))}`,
      pick,
    ),
  'json in query': (pick) =>
    get(`/api/list?opts=${q(JSON.stringify({ sort: ['name', 'asc'], q: pick.of(NAMES), range: [0, 9] }))}`, pick),
  path: (pick) =>
    get(
      pick.of([
        '/docs/sql/select',
        '/blog/2026/11/union-of-select-committees',
        '/tags/c++',
        '/users/o%27brien',
        '/wiki/Talk:Foo_(bar)',
        '/files/report%20(final)%20v2.pdf',
        '/repos/a/b/compare/main...feature',
        '/static/js/app.8f2c1d9e.js',
        '/api/v1/logs',
        '/env',
        '/@vite/client',
        '/a/b;v=1/c',
        '/.well-known/security.txt',
        '/images/resize=w:100,h:50/a.png',
        '/odata/People(%27x%27)/Trips',
        '/packages/@scope%2fname',
        '/api/config',
        '/shell',
        '/admin/settings.json',
        '/i/12~3.gif',
      ]),
      pick,
    ),
  form: (pick) =>
    post(
      '/contact',
      'application/x-www-form-urlencoded',
      form({ name: pick.of(NAMES), [pick.of(FIELD)]: pick.of(SHORT_VALUES), message: pick.of(SENTENCES) }),
      pick,
    ),
  'form code': (pick) =>
    post(
      '/snippets',
      'application/x-www-form-urlencoded',
      form({ title: pick.of(SEARCHES), body: fenced(pick) }),
      pick,
    ),
  record: (pick) =>
    json(
      '/api/records',
      {
        [pick.of(FIELD)]: any(pick),
        [pick.of(FIELD)]: pick.of(SHORT_VALUES),
        tags: several(pick, (one) => one.of(SHORT_VALUES)),
        nested: { owner: { name: pick.of(NAMES) } },
      },
      pick,
    ),
  settings: (pick) =>
    json(
      '/api/settings',
      {
        webhook_url: pick.of([
          'https://hooks.internal.example.com/a',
          'http://jenkins.corp.local:8080/generic',
          'http://localhost:8080/internal/hook',
          'https://10.0.0.5/notify',
        ]),
        pattern: pick.of(SHORT_VALUES),
        schedule: '*/5 * * * *',
        glob: '**/*.{ts,tsx}',
      },
      pick,
    ),
  comment: (pick) => json('/api/comments', { issue: 5, body: text(pick) }, pick),
  'comment with code': (pick) => json('/api/comments', { body: fenced(pick) }, pick),
  chat: (pick) =>
    json(
      '/v1/chat/completions',
      {
        model: 'm',
        messages: [
          { role: 'system', content: text(pick) },
          { role: 'user', content: any(pick) },
          { role: 'user', content: pick.of(QUOTING) },
          { role: 'assistant', content: fenced(pick) },
        ],
      },
      pick,
    ),
  'chat code': (pick) =>
    json(
      '/v1/messages',
      { messages: [{ role: 'user', content: [{ type: 'text', text: `${pick.of(SENTENCES)}\n${code(pick)}` }] }] },
      pick,
    ),
  'tool call': (pick) =>
    json(
      '/v1/messages',
      {
        messages: [
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 't', name: 'bash', input: { command: pick.of(COMMANDS) } }],
          },
        ],
      },
      pick,
    ),
  'tool arguments': (pick) =>
    json(
      '/v1/chat/completions',
      {
        messages: [
          {
            role: 'assistant',
            tool_calls: [
              {
                id: 'c',
                type: 'function',
                function: { name: 'run', arguments: JSON.stringify({ command: pick.of(COMMANDS), path: 'src/a.ts' }) },
              },
            ],
          },
        ],
      },
      pick,
    ),
  'tool result': (pick) =>
    json(
      '/v1/messages',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 't', content: pick.of([...LOGS, ...SNIPPETS]) }],
          },
        ],
      },
      pick,
    ),
  'file write': (pick) =>
    json('/api/files', { path: pick.of(['src/a.ts', '../README.md', 'a/b.py']), content: code(pick) }, pick),
  edit: (pick) =>
    json(
      '/api/edits',
      { file_path: '/home/jane/app/a.ts', old_string: code(pick).slice(0, 60), new_string: code(pick) },
      pick,
    ),
  embeddings: (pick) =>
    json('/v1/embeddings', { input: several(pick, (one) => one.of([...SENTENCES, ...SNIPPETS, ...DOCS])) }, pick),
  push: (pick) =>
    json(
      '/webhooks/git',
      {
        ref: 'refs/heads/fix/drop-table',
        repository: {
          full_name: 'a/b',
          url: 'https://git.example.com/a/b',
          clone_url: 'https://git.example.com/a/b.git',
          ssh_url: 'git@git.example.com:a/b.git',
          keys_url: 'https://api.git.example.com/repos/a/b/keys{/key_id}',
          compare_url: 'https://api.git.example.com/repos/a/b/compare/{base}...{head}',
        },
        commits: [
          {
            id: pick.hex(40),
            message: pick.of(SENTENCES),
            added: ['.env.example', '.github/workflows/ci.yml', 'db/select.sql', 'web/index.php'],
            patch: code(pick),
          },
        ],
      },
      pick,
    ),
  'pull request': (pick) =>
    json(
      '/webhooks/git',
      {
        action: 'opened',
        pull_request: {
          title: pick.of(SENTENCES),
          body: pick.of(DOCS),
          diff_url: 'https://git.example.com/a/b/pull/1.diff',
        },
      },
      pick,
    ),
  ci: (pick) =>
    json(
      '/api/pipelines',
      {
        steps: several(pick, (one) => one.of(COMMANDS)).map((run) => ({ name: 'step', run })),
        env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/root' },
      },
      pick,
    ),
  logs: (pick) =>
    json(
      '/ingest',
      {
        streams: [
          {
            stream: { app: 'api' },
            values: several(pick, (one) => one.of(LOGS)).map((line) => ['1700000000000000000', line]),
          },
        ],
      },
      pick,
    ),
  'log lines': (pick) =>
    post(
      '/ingest',
      'application/x-ndjson',
      several(pick, (one) => JSON.stringify({ level: 'info', msg: one.of([...SENTENCES, ...LOGS]) })).join('\n'),
      pick,
    ),
  'plain log': (pick) => post('/ingest', 'text/plain', pick.of(LOGS), pick),
  csv: (pick) =>
    post(
      '/import',
      'text/csv',
      `id,name,note\n${several(pick, (one) => `1,"${one.of(NAMES).replaceAll('"', '""')}","${one.of(SHORT_VALUES).replaceAll('"', '""')}"`).join('\n')}\n`,
      pick,
    ),
  search_dsl: (pick) =>
    json(
      '/products/_search',
      {
        query: {
          bool: {
            must: [{ match: { name: pick.of(NAMES) } }],
            filter: [{ range: { price: { gte: 5, lte: 9 } } }, { term: { 'status.keyword': 'open' } }],
          },
        },
        script_fields: {
          x: { script: { lang: 'painless', source: "doc['price'].value * params.f", params: { f: 2 } } },
        },
        sort: [{ _score: 'desc' }],
      },
      pick,
    ),
  rules: (pick) =>
    json(
      '/api/rules',
      {
        conditions: { all: [{ fact: 'age', operator: 'greaterThan', value: 18 }] },
        expr: pick.of(FILTERS),
        and: [{ eq: ['$name', pick.of(NAMES)] }],
      },
      pick,
    ),
  graphql: (pick) =>
    json(
      '/graphql',
      {
        operationName: 'Q',
        query:
          'query Q($id: ID!, $f: Filter = {status: "open"}) {\n  # the orders\n  user(id: $id) { ...U orders(first: 5, filter: $f) { edges { node { id total } } } }\n}\nfragment U on User { id name }',
        variables: { id: pick.hex(8), f: { q: any(pick) } },
      },
      pick,
    ),
  introspection: (pick) =>
    json(
      '/graphql',
      {
        query:
          'query IntrospectionQuery { __schema { queryType { name } types { kind name fields(includeDeprecated: true) { name } } } }',
      },
      pick,
    ),
  jsonrpc: (pick) =>
    json(
      '/rpc',
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'search', arguments: { query: any(pick) } } },
      pick,
    ),
  jsonpatch: (pick) =>
    post(
      '/api/x',
      'application/json-patch+json',
      JSON.stringify([
        { op: 'replace', path: '/profile/name', value: any(pick) },
        { op: 'test', path: '/a~1b/0', value: 5 },
      ]),
      pick,
    ),
  schema: (pick) =>
    json(
      '/api/schemas',
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: 'https://example.com/x.json',
        type: 'object',
        properties: { name: { type: 'string', pattern: "^[\\w' -]+$" }, ref: { $ref: '#/$defs/a' } },
        $defs: { a: { enum: [pick.of(NAMES)] } },
      },
      pick,
    ),
  jsonld: (pick) =>
    json(
      '/inbox',
      {
        '@context': 'https://www.w3.org/ns/activitystreams',
        type: 'Note',
        content: `<p>${html(pick.of(SENTENCES))}</p>`,
        tag: [{ type: 'Mention', href: 'https://a.example/@b' }],
      },
      pick,
    ),
  upload: (pick) =>
    json(
      '/api/upload',
      {
        image: `data:image/png;base64,${pick.base64(600)}`,
        thumb: pick.base64(400),
        sha256: pick.hex(64),
        token: `${pick.base64(20)}.${pick.base64(60)}.${pick.base64(43)}`.replaceAll(/[+/]/g, '-'),
        iv: pick.base64(24),
      },
      pick,
    ),
  otel: (pick) =>
    json(
      '/v1/traces',
      {
        resourceSpans: [
          {
            scopeSpans: [
              {
                spans: [
                  {
                    name: 'SELECT orders',
                    attributes: [
                      {
                        key: 'db.statement',
                        value: {
                          stringValue: pick.of([
                            'SELECT * FROM orders WHERE id = ?',
                            'INSERT INTO t (a) VALUES ($1)',
                            'UPDATE t SET a = ? WHERE id = ?',
                          ]),
                        },
                      },
                      { key: 'http.url', value: { stringValue: 'http://10.0.0.5:8080/a?b=c' } },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
      pick,
    ),
  sentry: (pick) =>
    json(
      '/api/1/envelope',
      {
        exception: {
          values: [
            {
              type: 'TypeError',
              value: pick.of(SENTENCES),
              stacktrace: {
                frames: [
                  {
                    filename: '../src/a.js',
                    abs_path: '/app/src/a.js',
                    context_line: pick.of(SNIPPETS).split('\n')[2] ?? '',
                  },
                ],
              },
            },
          ],
        },
        breadcrumbs: [{ category: 'console', message: pick.of(LOGS) }],
      },
      pick,
    ),
  csp: (pick) =>
    post(
      '/csp',
      'application/csp-report',
      JSON.stringify({
        'csp-report': {
          'document-uri': 'https://a.example/',
          'blocked-uri': 'inline',
          'original-policy':
            "default-src 'self'; script-src 'self' 'unsafe-inline' https://x.example; object-src 'none'",
          'script-sample': 'alert(1)',
        },
      }),
      pick,
    ),
  mail: (pick) =>
    json(
      '/api/mail',
      {
        to: ['a@b.example'],
        subject: pick.of(SENTENCES),
        html: pick.of(DOCS.filter((it) => it.startsWith('<'))),
        text: pick.of(SENTENCES),
        headers: { 'X-Id': '5' },
      },
      pick,
    ),
  template: (pick) =>
    json(
      '/api/templates',
      {
        subject: 'Hi {{ user.first_name }}',
        html: pick.of(SNIPPETS.filter((it) => it.includes('{{') || it.includes('<%') || it.includes('<#'))),
        sms: 'Your code is ${code}. Reply STOP to opt out.',
      },
      pick,
    ),
  cms: (pick) =>
    json(
      '/api/pages',
      {
        title: pick.of(SEARCHES),
        html: `<h2>${pick.of(['News', 'About'])}</h2><p>${html(pick.of(SENTENCES))}</p><a href="/a?b=c&amp;d=e" class="btn" target="_blank">More</a><img src="https://cdn.example.com/a.png" alt="a">`,
      },
      pick,
    ),
  notebook: (pick) =>
    json(
      '/api/notebooks',
      {
        cells: [
          {
            cell_type: 'code',
            source: code(pick)
              .split('\n')
              .map((line) => `${line}\n`),
            outputs: [{ text: [pick.of(LOGS)] }],
          },
          { cell_type: 'markdown', source: [pick.of(DOCS)] },
        ],
      },
      pick,
    ),
  multipart: (pick) =>
    post(
      '/upload',
      'multipart/form-data; boundary=xyz',
      `--xyz\r\nContent-Disposition: form-data; name="title"\r\n\r\n${pick.of(NAMES)}\r\n--xyz\r\nContent-Disposition: form-data; name="file"; filename="${pick.of(['notes.md', 'report (1).pdf', "o'brien.csv", 'a.tar.gz', 'index.html', 'main.py'])}"\r\nContent-Type: text/plain\r\n\r\n${pick.of([...DOCS, ...SNIPPETS])}\r\n--xyz--\r\n`,
      pick,
    ),
  soap: (pick) =>
    post(
      '/soap',
      'text/xml',
      `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body><a xsi:type="x"><b>${pick.of(NAMES).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</b></a></soap:Body></soap:Envelope>`,
      pick,
    ),
  rss: (pick) =>
    post(
      '/feeds',
      'application/rss+xml',
      `<?xml version="1.0"?><rss version="2.0"><channel><item><title>${pick.of(['News &amp; more', 'Select wines'])}</title><description><![CDATA[<p>${html(pick.of(SENTENCES))}</p><a href="https://a.example/">x</a>]]></description></item></channel></rss>`,
      pick,
    ),
  form_text: (pick) =>
    post(
      '/wiki/edit',
      'application/x-www-form-urlencoded',
      form({ wpTextbox1: pick.of(DOCS), wpSummary: pick.of(SENTENCES) }),
      pick,
    ),
  'more query': (pick) => get(`/search?q=${q(pick.of(MORE_VALUES))}&page=1`, pick),
  'more form': (pick) =>
    post(
      '/contact',
      'application/x-www-form-urlencoded',
      form({ [pick.of(FIELD)]: pick.of(MORE_VALUES), message: pick.of(MORE_TEXTS.filter((it) => !it.includes('\n'))) }),
      pick,
    ),
  'more record': (pick) =>
    json(
      '/api/records',
      { [pick.of(FIELD)]: pick.of(MORE_VALUES), tags: several(pick, (one) => one.of(MORE_VALUES)) },
      pick,
    ),
  'more comment': (pick) => json('/api/comments', { issue: 7, body: pick.of(MORE_TEXTS) }, pick),
  'more chat': (pick) =>
    json(
      '/v1/chat/completions',
      { messages: several(pick, (one) => one.of(MORE_TEXTS)).map((content) => ({ role: 'user', content })) },
      pick,
    ),
  'more csv': (pick) =>
    post(
      '/import',
      'text/csv',
      `id,note\n${several(pick, (one) => `1,"${one.of(MORE_VALUES).replaceAll('"', '""')}"`).join('\n')}\n`,
      pick,
    ),
};

/** One harmless request, and its kind. */
export function harmlessRequest(pick: Chance): readonly [string, BenchRequest] {
  const [kind, make] = pick.of(Object.entries(REQUESTS));
  return [kind, make(pick)];
}
