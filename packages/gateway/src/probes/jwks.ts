import { jsonOf, type ProbeClient } from './http-client.ts';
import { demand } from './probe.ts';

/** A published key. */
export interface PublishedKey {
  readonly kid: string;
  readonly x: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** The keys that a gate publishes. @throws Disproof when it publishes none */
export async function publishedKeys(client: ProbeClient): Promise<readonly PublishedKey[]> {
  const answer = await client.send({ path: '/.well-known/jwks.json' });
  const set = jsonOf(answer);
  const hasKeys = typeof set === 'object' && set !== null && 'keys' in set && Array.isArray(set.keys);
  demand(answer.status === 200 && hasKeys, `/.well-known/jwks.json was answered ${answer.status} without keys.`);
  // An array of JSON values, judged one by one.
  const keys = (set.keys as readonly unknown[]).map((key): Readonly<Record<string, unknown>> => ({ ...Object(key) }));
  demand(keys.length > 0, 'No key is published.');
  return keys.map((members) => ({ kid: String(members['kid']), x: String(members['x']), members }));
}
