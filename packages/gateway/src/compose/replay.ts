import { BlockBook, BurstMeter, compileGate, type GuardDeps } from '@steadygate/core';
import { formatConfigProblem } from '../config/config-problem.ts';
import { locateProblems } from '../config/policy-problems.ts';
import type { LoadedConfig } from '../config/parse-config.ts';
import { toGatewayConfig } from '../config/to-gateway-config.ts';
import { toPolicy } from '../config/to-policy.ts';
import { memoryBuckets } from '../counters/memory.ts';
import { ownRoutes } from '../http/own-routes.ts';
import { OperatorRefusal } from '../operator/refusal.ts';
import { canonicalOptions } from '../proxy/canonical-options.ts';
import { type ReplayJudge, replayJudge } from '../replay/replay-judge.ts';

/** The judge of a configuration, with limits that count from zero. @throws OperatorRefusal `config-invalid` */
export function openReplay(loaded: LoadedConfig): ReplayJudge {
  const policy = toPolicy(loaded.config, loaded.apis);
  const gate = compileGate(policy, ownRoutes('whole'), guardDeps());
  if (!gate.ok) {
    const problems = locateProblems(gate.problems, loaded).map(formatConfigProblem);
    throw new OperatorRefusal('config-invalid', problems.join('\n'));
  }
  const { headersBytesMax } = toGatewayConfig(loaded);
  // A recording names hosts and proxies of where it was made.
  const canonical = canonicalOptions({ headersBytesMax, trustedProxies: [], allowedHosts: [] });
  return replayJudge({ table: gate.table, roles: policy.roles, canonical });
}

/** Credentials and owners are not asked: the guards that would do so are left out. */
function guardDeps(): GuardDeps {
  return {
    authenticator: { cached: notAsked, authenticate: notAsked, isCsrfToken: notAsked },
    buckets: memoryBuckets(),
    owners: { ownerOf: notAsked, ownedOf: notAsked },
    blocks: new BlockBook(),
    bursts: new BurstMeter(),
    quotas: { take: notAsked },
  };
}

function notAsked(): never {
  throw new Error('a replay asked for a credential or an owner');
}
