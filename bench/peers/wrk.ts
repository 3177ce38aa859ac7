import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pinned, type Server } from './proc.ts';

/** What is asked, over and over: one of the requests after the other. */
export interface Load {
  readonly path: string;
  /** Header fields beside those that all requests have; one set for each caller. */
  readonly callers: readonly (readonly [name: string, value: string])[];
  readonly connections: number;
  readonly seconds: number;
  readonly folder: string;
}

/** One measurement of one server. */
export interface Measured {
  readonly requests: number;
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What a program's HTTP client sends. */
const HEADERS = {
  Host: 'bench.example',
  'User-Agent': 'bench/1.0',
  Accept: 'application/json',
  'Accept-Encoding': 'gzip',
  'Accept-Language': 'en',
  Cookie: 'theme=dark',
};

/** Loads a server, and tells what it used. @throws Error when an answer was none of 2xx */
export async function measure(server: Server, load: Load): Promise<Measured> {
  const script = join(load.folder, `${server.name}.lua`);
  writeFileSync(script, luaOf(load));
  const [program, ...args] = pinned('load', [
    'wrk',
    '-t1',
    `-c${load.connections}`,
    `-d${load.seconds}s`,
    '-s',
    script,
  ]);
  const before = server.cpuMs();
  const { stdout } = await promisify(execFile)(program, [...args, `http://127.0.0.1:${server.port}`]);
  const cpuMs = server.cpuMs() - before;
  // Written by `done` of the script below.
  const seen = JSON.parse(stdout.slice(stdout.indexOf('{"requests"'))) as {
    requests: number;
    micros: number;
    failures: number;
    p50: number;
    p99: number;
  };
  if (seen.failures > 0) throw new Error(`${server.name}: ${seen.failures} of ${seen.requests} requests failed.`);
  return {
    requests: seen.requests,
    perSecond: (seen.requests / seen.micros) * 1e6,
    cpuMicros: (cpuMs * 1000) / seen.requests,
    p50Ms: seen.p50 / 1000,
    p99Ms: seen.p99 / 1000,
  };
}

function luaOf({ path, callers }: Load): string {
  const common = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}\\r\\n`);
  const requests = (callers.length === 0 ? [undefined] : callers).map((caller) => {
    const own = caller === undefined ? '' : `${caller[0]}: ${caller[1]}\\r\\n`;
    return `  "${own}",\n`;
  });
  return `local before = "GET ${path} HTTP/1.1\\r\\n${common.join('')}"
local callers = {
${requests.join('')}}
for at, own in ipairs(callers) do callers[at] = before .. own .. "\\r\\n" end
local at = 0
function request()
  at = at % #callers + 1
  return callers[at]
end
function done(summary, latency, requests)
  local e = summary.errors
  local failures = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format('{"requests":%d,"micros":%d,"failures":%d,"p50":%d,"p99":%d}\\n',
    summary.requests, summary.duration, failures, latency:percentile(50), latency:percentile(99)))
end
`;
}
