import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demand, probe } from './probe.ts';

/** Gives the mirror secrets and a name, and searches everything that it keeps for them. */
export const ss10 = probe('SS10', [], async ({ mirror, running, nowMs }) => {
  const { store } = mirror.gate;
  const name = `Probe ${randomBytes(12).toString('hex')}`;
  const { refreshToken, token } = await mirror.signIn(mirror.names.role);
  const by = { actor: mirror.actIn('default'), nowMs: nowMs() };
  const { id } = await store.users.create({ name, role: mirror.names.role }, by);
  const key = (await store.signingKeys.load(nowMs())).find((each) => each.privateKey !== undefined);
  // PKCS #8 of an Ed25519 key ends with the 32 bytes that are secret (RFC 8410 §7).
  const privateKey = Buffer.from(key?.privateKey ?? []).subarray(-32);
  const kept = bytesIn(mirror.dataDir);
  demand(kept.includes(id) && privateKey.length === 32, 'What is kept could not be searched.');
  demand(!kept.includes(privateKey), 'A private key is kept as it is.');
  for (const secret of [name, refreshToken, token])
    demand(!kept.includes(secret), 'A name or a token is kept as it is.');
  const facts = await running.store();
  if (facts.kind === 'sqlite') return 'Names, tokens and private keys are sealed or hashed. State leaves no machine.';
  const { isSocket, protocol } = facts.connection;
  demand(isSocket || protocol !== undefined, 'The connection to PostgreSQL is not encrypted.');
  return `Names, tokens and private keys are sealed or hashed, and reach PostgreSQL over ${protocol ?? 'a socket of the machine'}.`;
});

function bytesIn(folder: string): Buffer {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== 'kek');
  return Buffer.concat(names.map((entry) => readFileSync(join(folder, entry.name))));
}
