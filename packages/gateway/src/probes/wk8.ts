import { demandNoCors } from './cors-fields.ts';
import { demand, probe } from './probe.ts';

/** Asks routes as a foreign page, and tries to start production with CORS for everybody. */
export const wk8 = probe('WK8', ['cors'], async ({ mirror, real, running }) => {
  const refusals = running.refusalsOf('cors-open');
  demand(
    refusals.some(({ code }) => code === 'cors-open'),
    'Production would start with CORS for every origin.',
  );
  const open = running.findings().find(({ code }) => code === 'cors-open');
  demand(open === undefined, `${open?.path ?? ''}: ${open?.message ?? ''}`);
  const session = await mirror.signIn(mirror.names.role);
  for (const origin of ['https://sg-probe.invalid', 'http://localhost:3000']) {
    if (running.patient.loaded?.config.guards.cors.origins.includes(origin) === true) continue;
    await demandNoCors(session.bearer, `${mirror.names.open}/page`, origin);
    await demandNoCors(real, '/auth/login', origin);
  }
  return 'Nobody unlisted is let in, and production refuses to start with CORS for everybody.';
});
