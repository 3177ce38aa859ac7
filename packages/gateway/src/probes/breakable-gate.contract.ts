import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actIn, composeGate } from '../compose.ts';
import { type LoadedConfig, parseConfig } from '../config/parse-config.ts';
import { gatherFacts } from '../config/setting-facts.ts';
import { auditSettings } from '../config/weak-settings.ts';
import type { Patient } from '../doctor/check.ts';
import type { Generation } from '../proxy/generation.ts';
import type { ProbeAnswer, ProbeClient, ProbeRequest } from './http-client.ts';
import { type Mirror, openMirror } from './mirror.ts';
import type { ProbeContext } from './probe.ts';
import { runningGate } from './running-gate.ts';

const SECRET = '4f1d8a0c6b7e25934f1d8a0c6b7e2593a';

const CONFIG = `
upstreams: { app: { url: "http://127.0.0.1:9" } }
routes:
  - { path: /api/**, permission: "app:read" }
  - { path: /live, permission: "app:read", websocket: true }
  - { path: /healthz, access: public, deny: true }
ownership:
  - { resource: thing, idPattern: "[0-9]+", guards: [ "/api/things/{id}/**" ], unowned: { GET /live: the same for everybody } }
secrets: { scrub: [ "\${S}" ] }
`;

/** Content guards on which claims rest; a configuration that has `guards` of its own says so there. */
const GUARDS = 'guards: { text: {}, waf: {} }\n';

/** The configuration of the gate that tests break. */
export function loadedConfig(further = '', environment = 'development'): LoadedConfig {
  const readFile = (path: string) => ({ path, error: 'does not exist' });
  const guards = /^guards:/m.test(further) ? '' : GUARDS;
  const text = `environment: ${environment}\n${CONFIG}${guards}${further}`;
  const result = parseConfig(text, '/etc/sg/steadygate.yaml', { environment: { S: SECRET }, readFile });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.loaded;
}

/** A gate on which every claim holds, until a test breaks it. */
export interface BreakableGate {
  readonly mirror: Mirror;
  readonly ctx: ProbeContext;
  /** Runs its requests without some guards, or with another generation, while `during` runs. */
  weakened<T>(weaken: (generation: Generation) => Generation, during: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Starts one: the mirror itself stands for the gate that people use. */
export async function breakableGate(loaded = loadedConfig()): Promise<BreakableGate> {
  const mirror = await openMirror({ loaded, compose: composeGate, actIn });
  const dataDir = mkdtempSync(join(tmpdir(), 'sg-data-'));
  chmodSync(dataDir, 0o700);
  const patient: Patient = {
    dataDir,
    cwd: dataDir,
    env: {},
    nowMs: Date.now(),
    configFile: undefined,
    loaded,
    storeExists: () => true,
    inspectStore: () => Promise.resolve({ kind: 'sqlite' }),
    failureText: () => undefined,
  };
  const { runtime } = mirror.gate;
  const current = runtime.current.bind(runtime);
  return {
    mirror,
    ctx: {
      real: mirror.client,
      mirror,
      running: {
        ...runningGate({ ...mirror.gate, runtime }, patient),
        // Of the configuration as it was written: what a mirror adds to it is no weakness of anybody's.
        findings: () => auditSettings(loaded, gatherFacts(loaded, { dataDir, environment: {} })),
      },
      around: { ask: async () => 401, exposure: async () => undefined },
      nowMs: () => Date.now(),
    },
    async weakened(weaken, during) {
      runtime.current = () => weaken(current());
      try {
        return await during();
      } finally {
        runtime.current = current;
      }
    },
    async close() {
      await mirror.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A generation in which a guard does not exist. */
export function without(guard: string): (generation: Generation) => Generation {
  return (generation) => {
    const { table } = generation;
    return {
      ...generation,
      table: {
        ...table,
        match(method, path) {
          const match = table.match(method, path);
          if (match === undefined) return undefined;
          const guards = match.route.guards.filter(({ id }) => id !== guard);
          return { ...match, route: { ...match.route, guards } };
        },
      },
    };
  };
}

/** What stands between a probe and its gate: it may change requests' answers, or answer itself. */
export type Tamper = (answer: ProbeAnswer, request: ProbeRequest) => ProbeAnswer;

/** A context whose every client is tampered with. */
export function tampered(ctx: ProbeContext, tamper: Tamper): ProbeContext {
  const wrap = (client: ProbeClient): ProbeClient => ({
    send: async (request) => tamper(await client.send(request), request),
  });
  const { mirror } = ctx;
  return {
    ...ctx,
    real: wrap(ctx.real),
    mirror: {
      ...mirror,
      client: wrap(mirror.client),
      fresh: () => wrap(mirror.fresh()),
      from: (address) => wrap(mirror.from(address)),
      signIn: async (role) => {
        const session = await mirror.signIn(role);
        return { ...session, bearer: wrap(session.bearer), cookies: wrap(session.cookies) };
      },
    },
  };
}
