/*
 * What inspection costs: CPU of this process for each request, in microseconds, after warming up. In-process, so it is what
 * inspection adds to a request that the gate has anyway.
 * node --conditions=source bench/waf-cost.ts
 */
import { cpuUsage } from 'node:process';

import { waf, wafInspector } from '../packages/core/src/waf/waf.ts';
import type { CanonicalRequest } from '../packages/core/src/request.ts';

const HEADERS = Object.entries({
  host: 'api.example.com',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  accept: 'application/json, text/plain, */*',
  'accept-language': 'en-GB,en;q=0.8',
  'accept-encoding': 'gzip, deflate, br',
  referer: 'https://app.example.com/dashboard?tab=orders&sort=-created',
  cookie: 'theme=dark; locale=en-GB; _ga=GA1.2.1234567890.1700000000',
  'x-request-id': '7f9c24e8-3b1a-4a6e-9f2d-0c1b2a3d4e5f',
}).flat();

const SENTENCE =
  'The order left the warehouse on Tuesday, and the customer asked whether it could be delivered (before noon) to the office. ';

function request(index: number): CanonicalRequest {
  return {
    id: 'r',
    method: 'GET',
    path: `/api/v1/customers/${index}/orders`,
    query: `page=${index}&limit=50&sort=-created_at&q=blue%20shoes%20${index}&fields=id%2Cname%2Ctotal`,
    host: 'api.example.com',
    scheme: 'https',
    headers: HEADERS,
    clientAddress: '198.51.100.7',
    peerAddress: '198.51.100.7',
    upgrade: undefined,
    bodyBytes: 0,
  };
}

function document(bytes: number, index: number): string {
  const items: unknown[] = [];
  while (JSON.stringify({ items }).length < bytes) {
    const id = items.length + index;
    const note = SENTENCE.slice(0, 40 + ((id * 37) % 80));
    items.push({
      id,
      sku: `SKU-${id}-A`,
      name: `Item ${id}`,
      note,
      price: 12.5,
      url: `https://cdn.example.com/i/${id}.png`,
      tags: ['new', 'sale'],
    });
  }
  return JSON.stringify({ items });
}

function measure(name: string, times: number, run: (index: number) => unknown): void {
  for (let index = 0; index < times / 2; index += 1) run(index);
  const before = cpuUsage();
  for (let index = 0; index < times; index += 1) run(index);
  const { user, system } = cpuUsage(before);
  console.log(`${name.padEnd(16)} ${((user + system) / times).toFixed(1).padStart(9)} µs`);
}

const inspect = waf({ threshold: 5, classThresholds: {}, fields: [], exceptions: [] }, wafInspector());
measure('GET', 10_000, (index) => inspect.head(request(index), 0));
for (const [name, bytes, times] of [
  ['1 KB JSON', 1024, 6000],
  ['8 KB JSON', 8192, 1500],
  ['64 KB JSON', 65_536, 200],
  ['1 MB JSON', 1_048_576, 16],
] as const) {
  const documents = Array.from({ length: 4 }, (_, index) => document(bytes, index * 1000));
  measure(name, times, (index) => {
    inspect.head(request(index), 0);
    return inspect.body({ text: documents[index % 4] ?? '', type: 'application/json' }, 0);
  });
}
