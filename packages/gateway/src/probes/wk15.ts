import { ATTACKS, HARMLESS, type ProbeContent } from './wk15-content.ts';
import { demand, probe } from './probe.ts';
import { configuredRoutes } from './routes.ts';
import type { Mirror } from './mirror.ts';

/** What is enough in a plain value by default; a higher one lets attacks pass that this probe does not send. */
const THRESHOLD_MAX = 5;

/** Sends attacks of many classes, hidden in different ways and places, and requests that only look like some. */
export const wk15 = probe('WK15', ['waf'], async ({ mirror, running }) => {
  const routes = configuredRoutes(running.generation());
  const inspected = routes.filter(({ guards }) => guards.waf !== undefined && guards.waf.mode !== 'off');
  demand(inspected.length > 0, 'No route is inspected: `guards.waf` is not configured.');
  const lax = inspected.find(({ guards }) => (guards.waf?.threshold ?? 0) > THRESHOLD_MAX);
  demand(lax === undefined, `Inspection needs more evidence than by default on ${lax?.path ?? ''}.`);
  const before = mirror.sink.seen();
  for (const attack of ATTACKS) {
    const status = await answered(mirror, attack);
    demand(status === 403 || status === 400, `${attack.what} was answered ${status}.`);
  }
  demand(mirror.sink.seen() === before, 'An attack that was refused reached the application.');
  for (const harmless of HARMLESS) {
    const status = await answered(mirror, harmless);
    demand(status < 400, `${harmless.what} was answered ${status}.`);
  }
  const counts = `${ATTACKS.length} attacks were refused, ${HARMLESS.length} requests that look like some passed.`;
  return `${counts} ${inspected.length} of ${routes.length} routes are inspected.`;
});

/** Each from a caller of its own: whoever sends many attacks is blocked (WK3). */
async function answered(mirror: Mirror, { method, query = '', headers, body }: ProbeContent): Promise<number> {
  const { bearer } = await mirror.signIn(mirror.names.role);
  const path = `${mirror.names.inspected}${query}`;
  const content = body === undefined ? {} : { body };
  const { status } = await bearer.send({ method: method ?? 'GET', path, headers: headers ?? {}, ...content });
  return status;
}
