import { METRICS } from './metrics/metrics.ts';

/** What the page says before its table. */
const INTRODUCTION = `# Metrics

What a gate measures of itself, as Prometheus and OpenMetrics text. This page is made from the program: \`npm run generate\`.

## Where they are read

| Where | Who |
| --- | --- |
| \`GET /metrics\` on the listener of the control plane (\`listen.control\`, else \`listen\`) | Sessions and API keys of tenant \`system\` with the permission \`metrics:read\` |
| \`GET /metrics\` on \`listen.metrics\`, which serves nothing else | Whoever stands in \`listen.metrics.from\`; this machine by default. Plain HTTP, no credential |
| \`steadygate metrics\` | The owner of the data directory, over the control socket; with \`--json\` as values |

No other way shows them, and nothing is trusted for its address on the listeners that people use (T16). A key for a scraper holds \`metrics:read\` and nothing
else; tenant \`system\` has no other keys:

    steadygate key create --tenant system --name prometheus --permissions metrics:read --addresses 10.0.5.0/24

\`\`\`yaml
# prometheus.yml
scrape_configs:
  - job_name: steadygate
    scheme: https
    authorization: { type: Bearer, credentials_file: /etc/prometheus/steadygate.key }
    static_configs: [ { targets: [ gate.example.com ] } ]
  - job_name: steadygate-local                  # with listen.metrics: 127.0.0.1:9464
    static_configs: [ { targets: [ 127.0.0.1:9464 ] } ]
\`\`\`

\`listen.metrics\` checks \`Host\`, so that no web page can read it through a name that was bound to its address: addresses and \`localhost\` are answered, other names when \`listen.metrics.hosts\` lists them.

A dashboard is \`deploy/grafana/steadygate.json\`, alert rules are \`deploy/prometheus/alerts.yaml\`; [operations.md](operations.md#monitoring) says what to do about each.

## What they hold

Labels come from the configuration or from closed lists: a route is its pattern (\`/api/chats/{id}\`), never a path; there is no tenant, user, key or
address among them. So callers cannot make series. Routes beyond 500 since the start, and series beyond 5,000 of a counter, are counted together as \`other\`.

A request is counted when its answer has ended; an event stream and a socket when they are open. \`unmatched\` is the route of what matched none.
`;

/** The page on metrics, made from their table. */
export function metricsPage(): string {
  const rows = Object.values(METRICS).map(({ name, type, labels, help }) => {
    return `| \`${name}\` | ${type} | ${labels.map((label: string) => `\`${label}\``).join(', ')} | ${help} |`;
  });
  return `${INTRODUCTION}\n| Metric | Type | Labels | Tells |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}
