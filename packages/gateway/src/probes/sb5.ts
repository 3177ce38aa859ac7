import { randomBytes } from 'node:crypto';
import { jsonOf } from './http-client.ts';
import { post } from './log-in.ts';
import type { Mirror, ProbeSession } from './mirror.ts';
import { demand, probe, type RunningGate } from './probe.ts';

/** Creates an object and lets others, an administrator too, try to reach it; then looks at the routes of the configuration. */
export const sb5 = probe('SB5', ['ownership', 'tenant'], async ({ mirror, running }) => {
  const { objects, role } = mirror.names;
  const [mine, theirs] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')];
  const owner = await mirror.signIn(role);
  await create(mirror, owner, mine);
  await demandOwn(owner, `${objects}/${mine}`);
  for (const stranger of [await mirror.signIn(role), await mirror.signIn('admin')]) {
    const before = mirror.sink.seen();
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status } = await stranger.bearer.send({ method, path: `${objects}/${mine}` });
      demand(status === 404, `${method} of another person's object by ${stranger.role} was answered ${status}.`);
    }
    const undeclared = await stranger.bearer.send({ method: 'POST', path: `${objects}/${mine}/../sg-undeclared` });
    demand(undeclared.status === 404, `An operation that is not declared was answered ${undeclared.status}.`);
    demand(mirror.sink.seen() === before, "A request for another person's object reached the application.");
  }
  await create(mirror, await mirror.signIn(role), theirs);
  await demandFilter(mirror, owner, { mine, theirs });
  return isolatedRoutes(running);
});

async function create({ sink, names }: Mirror, session: ProbeSession, id: string): Promise<void> {
  const answer = await sink.answering({ status: 201, body: JSON.stringify({ id }) }, () =>
    post(session.bearer, names.objects, {}),
  );
  demand(answer.status === 201, `Creating an object was answered ${answer.status}.`);
}

async function demandOwn(owner: ProbeSession, path: string): Promise<void> {
  const { status } = await owner.bearer.send({ path });
  demand(status === 200, `Its owner asked for an object and was answered ${status}.`);
}

async function demandFilter(
  { sink, names }: Mirror,
  owner: ProbeSession,
  { mine, theirs }: { readonly mine: string; readonly theirs: string },
): Promise<void> {
  const body = JSON.stringify({ items: [{ id: mine }, { id: theirs }] });
  const answer = await sink.answering({ body }, () => owner.bearer.send({ path: names.objects }));
  const listed = JSON.stringify(jsonOf(answer));
  demand(listed === JSON.stringify({ items: [{ id: mine }] }), 'A list shows the objects of others.');
}

function isolatedRoutes(running: RunningGate): string {
  const isolated = running.config().upstreams.filter((upstream) => upstream.isolated);
  demand(
    isolated.length > 0,
    'The configuration declares no ownership: all objects are reachable by everybody who is let in.',
  );
  const names = isolated.map(({ name }) => name);
  const rows = running
    .generation()
    .table.rows()
    .filter(({ upstream, access }) => names.includes(upstream) && access !== 'deny');
  const bare = rows.find(({ guards }) => !guards.includes('ownership'));
  demand(bare === undefined, `Route ${bare?.path ?? ''} of an isolated application runs without the ownership guard.`);
  return `Nobody but its owner reached an object, found it in a list or touched it by an undeclared way. Isolated: ${names.join(', ')}.`;
}
