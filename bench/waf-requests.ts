import type { CanonicalRequest } from '../packages/core/src/request.ts';
import type { Waf, WafFinding } from '../packages/core/src/waf/waf.ts';

/** A request as a generator makes it. */
export interface BenchRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Chance with a seed: the same requests in every run. */
export interface Chance {
  below(limit: number): number;
  of<T>(items: readonly T[]): T;
  hex(digits: number): string;
  base64(characters: number): string;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A small generator (xorshift), good enough to choose examples. */
export function chance(seed: number): Chance {
  let state = seed | 1;
  function below(limit: number): number {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  }
  function of<T>(items: readonly T[]): T {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
  const text = (alphabet: string, length: number) =>
    Array.from({ length }, () => alphabet[below(alphabet.length)]).join('');
  return {
    below,
    of,
    hex: (digits) => text('0123456789abcdef', digits),
    base64: (characters) => text(BASE64, characters),
  };
}

/** What inspection finds in a request; `malformed` bodies count as found. */
export function judge(inspect: Waf, request: BenchRequest): WafFinding | undefined {
  const canonical = toCanonical(request);
  const found = inspect.head(canonical, 0);
  if (found !== undefined || request.body === '') return found;
  const result = inspect.body({ text: request.body, type: request.headers['content-type'] ?? '' }, 0);
  if (result.kind === 'attack') return result.finding;
  if (result.kind === 'clean') return undefined;
  return {
    cls: 'file',
    rule: result.rule,
    reason: 'malformed',
    score: 0,
    threshold: 0,
    profile: 'default',
    field: 'body',
    evidence: '',
  };
}

function toCanonical({ method, path, headers }: BenchRequest): CanonicalRequest {
  const mark = path.indexOf('?');
  return {
    id: 'r',
    method,
    path: mark < 0 ? path : path.slice(0, mark),
    query: mark < 0 ? '' : path.slice(mark + 1),
    host: 'api.example.com',
    scheme: 'https',
    headers: Object.entries(headers).flat(),
    clientAddress: '198.51.100.7',
    peerAddress: '198.51.100.7',
    upgrade: undefined,
    bodyBytes: undefined,
  };
}
