import { post } from './log-in.ts';
import { demand, probe } from './probe.ts';

/** Lets both built-in roles read, change and administer. */
export const sb4 = probe('SB4', ['permission'], async ({ mirror }) => {
  const path = `${mirror.names.open}/thing`;
  const admin = await mirror.signIn('admin');
  const viewer = await mirror.signIn('viewer');
  const statuses = {
    'admin reads': (await admin.bearer.send({ path })).status,
    'admin writes': (await post(admin.bearer, path, {})).status,
    'admin administers': (await admin.bearer.send({ path: '/control/v1/users' })).status,
    'viewer reads': (await viewer.bearer.send({ path })).status,
  };
  for (const [what, status] of Object.entries(statuses)) demand(status === 200, `${what}: answered ${status}.`);
  const before = mirror.sink.seen();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const { status } = await viewer.bearer.send({ method, path });
    demand(status === 403, `${method} by a viewer was answered ${status}.`);
  }
  const invited = await post(viewer.bearer, '/control/v1/invites', { role: 'viewer' });
  demand(invited.status === 403, `A viewer who invites somebody was answered ${invited.status}.`);
  demand(mirror.sink.seen() === before, 'A change by a viewer reached the application.');
  return 'An administrator read, changed and administered; a viewer could only read.';
});
