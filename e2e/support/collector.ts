import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as a collector gets it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly links?: readonly { readonly traceId: string }[];
  readonly attributes: Readonly<Record<string, string>>;
}

/** An OpenTelemetry collector that keeps what it gets. */
export interface Collector {
  readonly url: string;
  /** Every request: its path and its body. */
  readonly received: { readonly path: string; readonly body: string }[];
  spans(): readonly ReceivedSpan[];
  /** Names of metrics. */
  metrics(): readonly string[];
  /** From now on it answers with this status. */
  answerWith(status: number): void;
  close(): Promise<void>;
}

interface Otlp {
  readonly resourceSpans?: readonly { readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[] }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  }[];
}

type RawSpan = Omit<ReceivedSpan, 'attributes'> & {
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, string>> }[];
};

/** Starts it on a free port. */
export async function startCollector(): Promise<Collector> {
  const received: { path: string; body: string }[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      received.push({ path: request.url ?? '', body });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Bound to a port.
  const { port } = server.address() as AddressInfo;
  // What it gets is OTLP in JSON.
  const bodies = (): readonly Otlp[] => received.map(({ body }) => JSON.parse(body) as Otlp);
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    spans: () => bodies().flatMap(({ resourceSpans = [] }) => resourceSpans.flatMap(spansOf)),
    metrics: () =>
      bodies().flatMap(({ resourceMetrics = [] }) =>
        resourceMetrics.flatMap(({ scopeMetrics }) =>
          scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name)),
        ),
      ),
    answerWith: (next) => {
      status = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function spansOf({ scopeSpans }: NonNullable<Otlp['resourceSpans']>[number]): readonly ReceivedSpan[] {
  return scopeSpans.flatMap(({ spans }) =>
    spans.map((span) => {
      const attributes = span.attributes.map(({ key, value }) => [key, Object.values(value).join()] as const);
      return { ...span, attributes: Object.fromEntries(attributes) };
    }),
  );
}
