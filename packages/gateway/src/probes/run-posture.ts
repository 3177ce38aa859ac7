import type { Posture } from '@steadygate/contract';
import { CLAIMS } from '@steadygate/core';
import type { z } from 'zod';
import { authority, type ListenAddress } from '../config/address.ts';
import { configDigest } from '../config/config-digest.ts';
import { ownAddress } from '../config/own-address.ts';
import type { actIn, composeGate, Gate } from '../compose.ts';
import type { Patient } from '../doctor/check.ts';
import { around } from './around.ts';
import { PROBES } from './catalogue.ts';
import { probeClient, type ProbeTarget } from './http-client.ts';
import { openMirror } from './mirror.ts';
import { runningGate } from './running-gate.ts';
import { runProbes } from './runner.ts';

const TIMES = { eachMs: 5_000, allMs: 50_000 };

/** What a posture run needs of the program around it. */
export interface PostureDeps {
  readonly gate: Gate;
  readonly compose: typeof composeGate;
  readonly actIn: typeof actIn;
  readonly patient: () => Patient;
  /** Such as `0.1.0`. */
  readonly version: string;
}

/** Proves every claim now, against the gate that runs and a mirror of it. Rejects only when no mirror can be opened. */
export async function runPosture(deps: PostureDeps): Promise<z.infer<typeof Posture>> {
  const { gate, compose, version } = deps;
  const { loaded } = gate.runtime;
  const target = realTarget(gate);
  const real = probeClient(target);
  const mirror = await openMirror({ loaded, compose, actIn: deps.actIn });
  try {
    const running = runningGate(gate, deps.patient());
    const nowMs = (): number => gate.clock.nowMs();
    const ctx = { real, mirror, running, around: around(running.patient), nowMs };
    const controls = await runProbes(ctx, { claims: CLAIMS, probes: PROBES, times: TIMES });
    return {
      checkedAt: nowMs(),
      configDigest: configDigest(loaded.config),
      build: `steadygate ${version}`,
      vantage: `this machine: the listener at ${target.url.host}, and a mirror of its configuration in front of a sink`,
      controls: [...controls],
    };
  } finally {
    real.close();
    await mirror.close();
  }
}

const ANY: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** The listener as this machine reaches it, under a name that it answers to. */
function realTarget({ runtime }: Gate): ProbeTarget {
  const { listen, environment } = runtime.loaded.config;
  const address: ListenAddress = { host: ANY[listen.host] ?? listen.host, port: listen.port };
  const scheme = runtime.config.tls?.kind === 'files' ? 'https' : 'http';
  const host = ownAddress(listen, environment).hosts[0] ?? authority(address);
  return { url: new URL(`${scheme}://${authority(address)}`), headers: { host } };
}
