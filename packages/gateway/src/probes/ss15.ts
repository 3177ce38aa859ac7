import type { ProbeRequest } from './http-client.ts';
import { demand, probe } from './probe.ts';
import { configuredRoutes } from './routes.ts';

/** Sends what a document describes, and in every part of a request something that it does not. */
export const ss15 = probe('SS15', ['schema'], async ({ mirror, running }) => {
  const session = await mirror.signIn(mirror.names.role);
  const send = (changes: Partial<ProbeRequest> & { readonly target?: string }) => {
    const { target = '/items/7?limit=5', headers = {}, ...rest } = changes;
    return session.bearer.send({
      method: 'PUT',
      path: `${mirror.names.described}${target}`,
      body: '{"name":"probe"}',
      ...rest,
      headers: { 'content-type': 'application/json', ...headers },
    });
  };
  const before = mirror.sink.seen();
  const good = await send({ headers: { 'x-sg-probe': 'a', cookie: 'sg-probe=true' } });
  demand(good.status === 200, `A request that matches was answered ${good.status}.`);
  const refused: Readonly<Record<string, readonly [number, Parameters<typeof send>[0]]>> = {
    'another path': [404, { target: '/things/7' }],
    'another method': [405, { method: 'POST' }],
    'a path parameter of another type': [422, { target: '/items/seven' }],
    'a parameter out of range': [422, { target: '/items/7?limit=11' }],
    'an unknown parameter': [422, { target: '/items/7?admin=1' }],
    'another header field': [422, { headers: { 'x-sg-probe': 'c' } }],
    'another cookie': [422, { headers: { cookie: 'sg-probe=maybe' } }],
    'another media type': [415, { headers: { 'content-type': 'text/plain' } }],
    'a property too many': [422, { body: '{"name":"probe","role":"admin"}' }],
    'a property of the application': [422, { body: '{"name":"probe","id":1}' }],
    'a property too long': [422, { body: '{"name":"probeprobe"}' }],
    'no body': [422, { body: '' }],
    'a key twice': [400, { body: '{"name":"a","name":"b"}' }],
  };
  for (const [what, [expected, changes]] of Object.entries(refused)) {
    const { status } = await send(changes);
    demand(status === expected, `A request with ${what} was answered ${status}.`);
  }
  demand(mirror.sink.seen() === before + 1, 'A request that does not match reached the application.');
  const routes = configuredRoutes(running.generation());
  const judged = routes.filter(({ guards }) => guards.schema !== undefined);
  const tried = Object.keys(refused).length;
  return `${tried} requests that do not match were refused. ${judged.length} of ${routes.length} routes have a document.`;
});
