// What many people put together: Fastify with a credential, helmet, a rate limit, a logger and a proxy.
// node servers/fastify-stack.mjs PORT UPSTREAM key|jwt FILE: FILE holds `{ "keys": [...] }` or `{ "secret": "..." }`.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import helmet from '@fastify/helmet';
import proxy from '@fastify/http-proxy';
import jwt from '@fastify/jwt';
import rateLimit from '@fastify/rate-limit';
import fastify from 'fastify';

const [port, upstream, kind, file] = process.argv.slice(2);
const credentials = JSON.parse(readFileSync(file, 'utf8'));
const app = fastify({ logger: true });

if (kind === 'jwt') {
  await app.register(jwt, { secret: credentials.secret });
  app.addHook('onRequest', async (request) => {
    await request.jwtVerify();
  });
} else {
  const digest = (key) => createHash('sha256').update(key).digest('hex');
  const known = new Map(credentials.keys.map((key, at) => [digest(key), { id: `key-${at}` }]));
  app.addHook('onRequest', async (request, reply) => {
    const key = request.headers['x-api-key'];
    request.user = typeof key === 'string' ? known.get(digest(key)) : undefined;
    if (request.user === undefined) return reply.code(401).send({ error: 'unauthorized' });
  });
}
await app.register(helmet);
await app.register(rateLimit, {
  max: 1_000_000,
  timeWindow: '1 minute',
  keyGenerator: (request) => request.user?.id ?? request.user?.sub ?? request.ip,
});
await app.register(proxy, { upstream });
await app.listen({ port: Number(port), host: '127.0.0.1' });
