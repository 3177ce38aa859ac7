import { createPublicKey, verify } from 'node:crypto';
import { headerOf } from './forged-tokens.ts';
import { type PublishedKey, publishedKeys } from './jwks.ts';
import type { Mirror } from './mirror.ts';
import { demand, probe } from './probe.ts';

const ROTATION_STEPS_MAX = 100;

/** Reads the published keys, verifies a token with nothing else, and exchanges the key. */
export const au10 = probe('AU10', ['authenticate'], async ({ mirror, real }) => {
  for (const { members } of await publishedKeys(real)) demandEd25519(members);
  const before = await mirror.signIn(mirror.names.role);
  demandVerifies(before.token, await publishedKeys(mirror.client));
  await rotate(mirror, String(headerOf(before.token)['kid']));
  const after = await mirror.signIn(mirror.names.role);
  demand(headerOf(after.token)['kid'] !== headerOf(before.token)['kid'], 'After an exchange the old key still signs.');
  demandVerifies(after.token, await publishedKeys(mirror.client));
  for (const session of [before, after]) {
    const { status } = await session.bearer.send({ path: `${mirror.names.open}/page` });
    demand(status === 200, `After an exchange of keys a good token was answered ${status}.`);
  }
  return 'Published keys are Ed25519 and public; tokens verify with them alone, and those before an exchange hold on.';
});

function demandEd25519(members: Readonly<Record<string, unknown>>): void {
  const { kty, crv, alg } = members;
  demand(kty === 'OKP' && crv === 'Ed25519' && alg === 'EdDSA', `A published key is for ${String(alg)}.`);
  demand(!('d' in members), 'A private key is published.');
}

function demandVerifies(token: string, keys: readonly PublishedKey[]): void {
  const { kid, alg } = headerOf(token);
  const key = keys.find((published) => published.kid === kid);
  demand(alg === 'EdDSA' && key !== undefined, 'A token names a key that is not published.');
  const [header = '', payload = '', signature = ''] = token.split('.');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.x }, format: 'jwk' });
  const isGood = verify(null, Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
  demand(isGood, 'A token does not verify with the published key.');
}

/** The new key is in force once it is published: the gate learns of it as an event. */
async function rotate({ gate, actIn, client }: Mirror, oldKid: string): Promise<void> {
  const overlapMs = gate.runtime.config.sessions.accessTokenLifeMs;
  const by = { actor: actIn('system'), nowMs: gate.clock.nowMs() };
  const kid = await gate.store.signingKeys.rotate({ purpose: 'access', overlapMs }, by);
  for (let step = 0; step < ROTATION_STEPS_MAX; step += 1) {
    const kids = (await publishedKeys(client)).map((key) => key.kid);
    demand(kids.includes(oldKid), 'The old key is gone before its last token has ended.');
    if (kids.includes(kid)) return;
  }
  demand(false, 'A new key is not published.');
}
