/*
 * Steadygate beside nginx, @fastify/http-proxy and a Fastify stack, in one run on one machine; see docs/performance.md.
 * node bench/peers.ts [--quick] [--rounds N] [--seconds N] [--stores sqlite,redis] [http] [streams] [scale]
 */
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { compareHttp, type Effort } from './peers/http.ts';
import { requirePeers } from './peers/install.ts';
import { compareScale } from './peers/scale.ts';
import { compareStreams } from './peers/streams.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    stores: { type: 'string', default: 'sqlite' },
  },
});

const effort: Effort = {
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
  seconds: Number(values.seconds ?? (values.quick ? 2 : 5)),
};

const SECTIONS: Readonly<Record<string, () => Promise<string>>> = {
  http: () => compareHttp(effort, values.stores.split(',')),
  streams: () => compareStreams(effort),
  scale: () => compareScale(effort),
};

requirePeers();
console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Linux ${release()}, Node ${process.version}\n`);
for (const [name, run] of Object.entries(SECTIONS)) {
  if (positionals.length === 0 || positionals.includes(name)) console.log(`## ${name}\n\n${await run()}\n`);
}
